// Platform a5: the scheduler.
#pragma once

#include "../runtime/scheduler.h"
#include "platform.h"

namespace pto::a5 {

using PTO2Scheduler = pto::PTO2Scheduler<Platform>;
using PTO2SchedulerThread = pto::PTO2SchedulerThread<Platform>;
using PTO2SchedulerCompletion = pto::PTO2SchedulerCompletion<Platform>;
using PTO2TaskSubmission = pto::PTO2TaskSubmission<Platform>;

}  // namespace pto::a5
