// Drop-in header for a2a3: the wait list at global scope.
#pragma once

#include "../platform.h"
#include "aicore_completion_mailbox.h"
#include "pto_runtime2_types.h"

using pto::CompletionPollResult;
using pto::CompletionPollState;
using pto::a2a3::AsyncPollResult;
using pto::a2a3::AsyncWaitEntry;
using pto::a2a3::AsyncWaitList;
using pto::a2a3::CompletionCondition;
using pto::a2a3::DrainCompletionSink;
