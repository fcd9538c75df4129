// Drop-in header for a5, the runtime's later names: the completion mailbox at global scope.
#pragma once

#include "../platform.h"
#include "aicore_completion_mailbox_types.h"
#include "runtime_types.h"

using pto::AICORE_COMPLETION_MAILBOX_CAPACITY;
using pto::aicore_completion_mailbox_has_pending;
using pto::AICORE_COMPLETION_MAILBOX_MASK;
using pto::aicore_completion_mailbox_try_push_condition;
using pto::aicore_completion_mailbox_try_push_normal_done;
using pto::AICoreCompletionMailboxMessage;
using pto::AICoreCompletionMsgView;
using pto::MSG_KIND_CONDITION;
using pto::MSG_KIND_TASK_NORMAL_DONE;
using pto::a5::AICoreCompletionMailbox;
