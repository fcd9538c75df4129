// Drop-in header for a5: the scheduler at global scope.
#pragma once

#include "../../scheduler.h"
#include "../pto_async_wait.h"

using pto::AICORE_REG_EXIT;
using pto::AICORE_REG_IDLE;
using pto::AICORE_REG_RESERVED;
using pto::CoreInterface;
using pto::PTO2_SUBTASK_AIC;
using pto::PTO2_SUBTASK_AIV0;
using pto::PTO2_SUBTASK_AIV1;
using pto::PTO2DispatchPayload;
using pto::PTO2SchedulerConfig;
using pto::PTO2SubmitResult;
using pto::PTO2TaskSpec;
using pto::a5::CompletionScheduler;
using pto::a5::PTO2LocalReadyBuffer;
using pto::a5::PTO2Scheduler;
using pto::a5::PTO2SchedulerCompletion;
using pto::a5::PTO2SchedulerThread;
using pto::a5::PTO2TaskSubmission;
