// Drop-in header for a5, the runtime's later names: the wait list at global scope.
#pragma once

#include "../platform.h"
#include "aicore_completion_mailbox.h"
#include "completion_token.h"
#include "runtime_types.h"

using pto::CompletionPollResult;
using pto::CompletionPollState;
using pto::a5::AsyncPollResult;
using pto::a5::AsyncWaitEntry;
using pto::a5::completion_backend_ops_for;
using pto::a5::CompletionBackendOps;
using pto::a5::CompletionCondition;
using pto::a5::poll_sdma_post_done_record;
using pto::a5::renamed::AsyncWaitList;
using pto::a5::renamed::SchedulerState;
