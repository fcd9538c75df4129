// Keeps the history of scenarios of the scheduler under weave. Not instrumented.
#include "fuzz/scheduler/scheduler_weave_scenario.h"

#include <algorithm>

#include "fuzz/scheduler/scheduler_weave_oracle.h"

namespace fuzz {

uint64_t SchedulerWeaveScenario::steps_min() const {
    return schedule_.is_ended || schedule_.threads.graph.tasks.empty()
               ? 1
               : 4 * schedule_.threads.graph.tasks.size();
}

void SchedulerWeaveScenario::begin_history() noexcept { history_ = {}; }

void SchedulerWeaveScenario::note_run(const pto::sim::GraphResult& result) noexcept {
    ExploredRun& run = history_.runs[history_.run_count++];
    run = {.status = result.status,
           .completed = result.completed,
           .skipped = result.mpsc_skipped_count,
           .is_clean = result.is_clean,
           .values = {},
           .runs = {}};
    std::copy(result.values.begin(), result.values.end(), run.values.begin());
    std::copy(result.runs.begin(), result.runs.end(), run.runs.begin());
}

std::optional<Finding> SchedulerWeaveScenario::judge() const {
    std::optional<Finding> finding = fuzz::judge(schedule_, history_);
    is_spoilt_ = finding.has_value();
    return finding;
}

std::string SchedulerWeaveScenario::point_text(uint64_t point) const {
    return "point " + std::to_string(point);
}

}  // namespace fuzz
