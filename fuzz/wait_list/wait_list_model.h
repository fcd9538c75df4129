// A second, slow and simple implementation of the wait list's contract: it runs a schedule and says
// what the history has to be. Shares no code and no numbers with the product.
#pragma once

#include <vector>

#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"
#include "fuzz/kit/fuzz_target.h"

namespace fuzz {

/// Replaces `expected` by the history that the contract prescribes for the schedule. Counts the
/// states it passes through for wait_list_step_states(). Not thread-safe.
void predict(const WaitListStepSchedule& schedule, WaitListStepHistory& expected);

/// The interesting states, and how often predict() has passed through each.
std::vector<StateCount> wait_list_step_states();

}  // namespace fuzz
