// Drop-in header for a5: the wait list at global scope.
#pragma once

#include "../platform.h"
#include "aicore_completion_mailbox.h"
#include "pto_completion_token.h"
#include "pto_runtime2_types.h"

using pto::CompletionPollResult;
using pto::CompletionPollState;
using pto::a5::AsyncPollResult;
using pto::a5::AsyncWaitEntry;
using pto::a5::AsyncWaitList;
using pto::a5::completion_backend_ops_for;
using pto::a5::CompletionBackendOps;
using pto::a5::CompletionCondition;
using pto::a5::CompletionScheduler;
using pto::a5::poll_sdma_post_done_record;
using pto::a5::PTO2LocalReadyBuffer;
using PTO2SchedulerState = pto::a5::CompletionScheduler;
