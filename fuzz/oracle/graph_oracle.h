// Judges what came of a graph on real threads: how the run ended, that every subtask ran once, that
// every task saw what those before it computed, and that nothing was left behind.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/history/graph_history.h"
#include "fuzz/scenario/graph_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

namespace fuzz {

/// The first thing that is wrong with a run, if anything is. Not thread-safe.
std::optional<Finding> judge(const GraphSchedule& schedule, const GraphHistory& history);

/// The interesting states, and how often judge() has seen each.
std::vector<StateCount> graph_states();

}  // namespace fuzz
