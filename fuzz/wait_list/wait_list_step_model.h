// The history that the contract prescribes for a wait list schedule.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/wait_list/wait_list_model.h"
#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz {

/// Replaces `expected` by the history that the contract prescribes for the schedule. Counts the
/// states it passes through for predicted_states(). Not thread-safe.
void predict(const WaitListStepSchedule& schedule, WaitListStepHistory& expected);

/// The first operation at which a list that keeps the contract reaches one of the states; the
/// number of operations if none does. Not thread-safe.
size_t first_operation_reaching(const WaitListStepSchedule& schedule,
                                std::span<const WaitListState> states);

/// The interesting states, and how often predict() has passed through each.
std::vector<StateCount> predicted_states();

}  // namespace fuzz
