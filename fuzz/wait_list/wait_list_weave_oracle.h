// Judges an explored execution of the wait list by what the contract says of every execution: each
// task completes once, after its subtasks and conditions, under the lock, and is released once; the
// first error is every thread's and the run's, and nothing follows it; a run without one leaves
// nothing.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/wait_list/wait_list_weave_history.h"
#include "fuzz/wait_list/wait_list_weave_schedule.h"

namespace fuzz {

/// The first thing that the contract does not allow, or nothing. Counts states. Not thread-safe.
std::optional<Finding> judge(const WaitListWeaveSchedule& schedule,
                             const WaitListWeaveHistory& history);

/// The interesting states, and how often judge() has seen each.
std::vector<StateCount> wait_list_weave_states();

}  // namespace fuzz
