// Drop-in header for a2a3, the runtime's later names: the scheduler at global scope.
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
using pto::a2a3::CompletionScheduler;
using pto::a2a3::Scheduler;
using pto::a2a3::SchedulerCompletion;
using pto::a2a3::SchedulerThread;
using pto::a2a3::TaskSubmission;
