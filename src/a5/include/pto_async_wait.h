// Drop-in header for a5: the wait list at global scope.
#pragma once

#include "../platform.h"
#include "aicore_completion_mailbox.h"
#include "pto_runtime2_types.h"

using pto::CompletionPollResult;
using pto::CompletionPollState;
using pto::a5::AsyncPollResult;
using pto::a5::AsyncWaitEntry;
using pto::a5::AsyncWaitList;
using pto::a5::CompletionCondition;
using pto::a5::DrainCompletionSink;
