// Drop-in header for a2a3, the runtime's later names: the shared constants at global scope.
// Kernel-safe.
#pragma once

#include "../../runtime/pto_constants.h"

using pto::DUMMY_BATCH_SIZE;
using pto::MAX_ASYNC_WAITS;
using pto::MAX_COMPLETIONS_PER_TASK;
using pto::MAX_RING_DEPTH;
using pto::PTO2_DEFERRED_RELEASE_CAP;
using pto::READY_QUEUE_SIZE;
using pto::TASK_WINDOW_SIZE;

inline constexpr uint32_t CHIP_ALIGN_SIZE = pto::PTO2_ALIGN_SIZE;
inline constexpr int32_t SIMPLER_ERROR_NONE = pto::PTO2_ERROR_NONE;
inline constexpr int32_t SIMPLER_ERROR_INVALID_ARGS = pto::PTO2_ERROR_INVALID_ARGS;
inline constexpr int32_t SIMPLER_ERROR_SCHEDULER_TIMEOUT = pto::PTO2_ERROR_SCHEDULER_TIMEOUT;
inline constexpr int32_t SIMPLER_ERROR_ASYNC_COMPLETION_INVALID =
    pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID;
inline constexpr int32_t SIMPLER_ERROR_ASYNC_WAIT_OVERFLOW = pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW;
inline constexpr int32_t SIMPLER_ERROR_ASYNC_REGISTRATION_FAILED =
    pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
