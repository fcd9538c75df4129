// The history that the contract prescribes for a wait list schedule.
#pragma once

#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz {

/// Replaces `expected` by the history that the contract prescribes for the schedule. Counts the
/// states it passes through for predicted_states(). Not thread-safe.
void predict(const WaitListStepSchedule& schedule, WaitListStepHistory& expected);

/// The interesting states, and how often predict() has passed through each.
std::vector<StateCount> predicted_states();

}  // namespace fuzz
