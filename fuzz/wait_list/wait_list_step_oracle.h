// Judges what a wait list did: its history has to be the model's, event by event.
#pragma once

#include <optional>

#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"
#include "fuzz/kit/report.h"

namespace fuzz {

/// The first difference from the model, or nothing. Not thread-safe.
std::optional<Finding> judge(const WaitListStepSchedule& schedule, const WaitListStepHistory& history);

}  // namespace fuzz
