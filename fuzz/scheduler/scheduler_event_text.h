// The events of a scheduler's history as text, for reports.
#pragma once

#include <string>

#include "fuzz/scheduler/scheduler_step_history.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"

namespace fuzz {

/// One line; what the scheduler did within an action is indented. #n is the task that operation n
/// submitted.
std::string describe(const SchedulerStepSchedule& schedule, const SchedulerStepHistory& history,
                     const SchedulerEvent& event);

}  // namespace fuzz
