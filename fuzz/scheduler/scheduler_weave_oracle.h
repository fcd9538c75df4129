// Judges the runs of an explored scheduler with the oracle of scheduler_threads: the status that
// the graph has, each subtask once, every word right, and nothing left. A run that another thread
// has ended may end with that thread's code as well.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/scheduler/scheduler_weave_history.h"
#include "fuzz/scheduler/scheduler_weave_schedule.h"

namespace fuzz {

/// The first thing that the contract does not allow, or nothing. Counts states. Not thread-safe.
std::optional<Finding> judge(const SchedulerWeaveSchedule& schedule,
                             const SchedulerWeaveHistory& history);

/// The interesting states, and how often judge() has seen each.
std::vector<StateCount> scheduler_weave_states();

}  // namespace fuzz
