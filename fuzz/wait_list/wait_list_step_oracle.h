// Judges what a wait list did: its history has to be the model's, event by event.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz {

/// The first difference from the model, or nothing. Not thread-safe.
std::optional<Finding> judge(const WaitListStepSchedule& schedule,
                             const WaitListStepHistory& history);

/// The interesting states, and how often judge() has passed through each.
std::vector<StateCount> wait_list_step_states();

}  // namespace fuzz
