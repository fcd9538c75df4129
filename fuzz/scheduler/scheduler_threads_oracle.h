// Judges the result of a graph on real threads: how the run ended, that every subtask ran once,
// that every task saw what those before it computed, and that nothing was left behind.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/scheduler/scheduler_threads_history.h"
#include "fuzz/scheduler/scheduler_threads_schedule.h"

namespace fuzz {

/// The first thing that is wrong with a run, if anything is. Not thread-safe.
std::optional<Finding> judge(const SchedulerThreadsSchedule& schedule,
                             const SchedulerThreadsHistory& history);

/// The interesting states, and how often judge() has seen each.
std::vector<StateCount> scheduler_threads_states();

}  // namespace fuzz
