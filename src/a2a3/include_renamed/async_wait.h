// Drop-in header for a2a3, the runtime's later names: the wait list at global scope.
#pragma once

#include "../platform.h"
#include "aicore_completion_mailbox.h"
#include "completion_token.h"
#include "runtime_types.h"

using pto::CompletionPollResult;
using pto::CompletionPollState;
using pto::a2a3::AsyncPollResult;
using pto::a2a3::AsyncWaitEntry;
using pto::a2a3::completion_backend_ops_for;
using pto::a2a3::CompletionBackendOps;
using pto::a2a3::CompletionCondition;
using pto::a2a3::poll_sdma_post_done_record;
using pto::a2a3::renamed::AsyncWaitList;
using pto::a2a3::renamed::SchedulerState;
