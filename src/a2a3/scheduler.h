// Platform a2a3: the scheduler.
#pragma once

#include "../runtime/scheduler.h"
#include "platform.h"

namespace pto::a2a3 {

using Scheduler = pto::Scheduler<Platform>;
using SchedulerThread = pto::SchedulerThread<Platform>;
using SchedulerCompletion = pto::SchedulerCompletion<Platform>;
using TaskSubmission = pto::TaskSubmission<Platform>;

}  // namespace pto::a2a3
