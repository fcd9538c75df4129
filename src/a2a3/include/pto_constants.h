// Drop-in header for a2a3: the shared constants at global scope. Kernel-safe.
#pragma once

#include "../../runtime/pto_constants.h"

using pto::DUMMY_BATCH_SIZE;
using pto::MAX_ASYNC_WAITS;
using pto::MAX_COMPLETIONS_PER_TASK;
using pto::MAX_RING_DEPTH;
using pto::PTO2_ALIGN_SIZE;
using pto::PTO2_DEFERRED_RELEASE_CAP;
using pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID;
using pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
using pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW;
using pto::PTO2_ERROR_INVALID_ARGS;
using pto::PTO2_ERROR_NONE;
using pto::PTO2_ERROR_SCHEDULER_TIMEOUT;
using pto::READY_QUEUE_SIZE;
using pto::TASK_WINDOW_SIZE;
