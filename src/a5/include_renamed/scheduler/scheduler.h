// Drop-in header for a5, the runtime's later names: the scheduler at global scope.
#pragma once

#include "../../scheduler.h"
#include "../async_wait.h"

using pto::AICORE_DOORBELL_EXIT;
using pto::AICORE_DOORBELL_IDLE;
using pto::AICORE_REG_RESERVED;
using pto::AICORE_STATUS_EXITED;
using pto::AICORE_STATUS_IDLE;
using pto::CoreInterface;
using pto::DispatchPayload;
using pto::SchedulerConfig;
using pto::SubmitResult;
using pto::SUBTASK_AIC;
using pto::SUBTASK_AIV0;
using pto::SUBTASK_AIV1;
using pto::TaskSpec;
using pto::a5::CompletionScheduler;
using pto::a5::Scheduler;
using pto::a5::SchedulerCompletion;
using pto::a5::SchedulerThread;
using pto::a5::TaskSubmission;
