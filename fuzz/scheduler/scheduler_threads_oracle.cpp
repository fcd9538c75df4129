// Checks a graph's result against the graph; see the header.
#include "fuzz/scheduler/scheduler_threads_oracle.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/state_counters.h"

namespace fuzz {
namespace {

using pto::sim::Graph;
using pto::sim::GraphFault;
using pto::sim::GraphResult;
using pto::sim::GraphStep;
using pto::sim::GraphTask;

enum class Verdict : uint8_t {
    wrong_status,  ///< the run ended with another error than the graph's, or none
    wrong_count,   ///< a task was lost, or a subtask did not run exactly once
    wrong_result,  ///< a task read something before it was there
    not_clean,     ///< a good run left something behind
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::wrong_status, "wrong-status"},
    {Verdict::wrong_count, "wrong-count"},
    {Verdict::wrong_result, "wrong-result"},
    {Verdict::not_clean, "not-clean"},
});

enum class State : uint8_t {
    ended_well,
    ended_by_slab,
    ended_by_overfull_slab,
    ended_by_corrupt_slab,
    ended_by_condition,
    slots_reused,
    scopes_nested,
    mixed_task,
    dummy,
    counter_condition,
    record_condition,
    mailbox_met_full,
    several_threads,
    count,
};

StateCounters<State> counters({{
    {State::ended_well, "a graph ended well"},
    {State::ended_by_slab, "a kernel's error ended a run"},
    {State::ended_by_overfull_slab, "a 65th condition of a slab ended a run"},
    {State::ended_by_corrupt_slab, "a corrupt slab ended a run"},
    {State::ended_by_condition, "a condition that cannot be tested ended a run"},
    {State::slots_reused, "more tasks than the window has slots"},
    {State::scopes_nested, "scopes in scopes"},
    {State::mixed_task, "a task on several cores of a cluster"},
    {State::dummy, "a dummy"},
    {State::counter_condition, "a condition on a counter"},
    {State::record_condition, "a condition on a record"},
    {State::mailbox_met_full, "a push met a full mailbox"},
    {State::several_threads, "several scheduler threads"},
}});

int32_t expected_status(const Graph& graph) {
    for (const GraphTask& task : graph.tasks) {
        switch (task.fault) {
            case GraphFault::NONE:
                break;
            case GraphFault::SLAB_ERROR:
                return -task.fault_code;
            case GraphFault::SLAB_OVERFULL:
                return -102;
            case GraphFault::SLAB_CORRUPT:
                return -103;
            case GraphFault::NULL_CONDITION:
            case GraphFault::MISALIGNED_CONDITION:
            case GraphFault::UNKNOWN_CONDITION:
                return -101;
            case GraphFault::LOST_CONDITION:
            case GraphFault::NEVER_ACK:
            case GraphFault::NEVER_FIN:
                return -100;
        }
    }
    return 0;
}

void count_states(const Graph& graph, const GraphResult& result) {
    uint32_t depth = 0;
    for (const GraphStep step : graph.steps) {
        depth += step == GraphStep::BEGIN_SCOPE;
        depth -= step == GraphStep::END_SCOPE;
        counters.reached_if(depth > 1 && step == GraphStep::TASK, State::scopes_nested);
    }
    for (const GraphTask& task : graph.tasks) {
        counters.reached_if((task.cores & (task.cores - 1)) != 0, State::mixed_task);
        counters.reached_if(task.cores == 0, State::dummy);
        counters.reached_if(task.conditions != 0,
                            task.has_records ? State::record_condition : State::counter_condition);
    }
    counters.reached_if(graph.tasks.size() > size_t{graph.window} * graph.ring_count,
                        State::slots_reused);
    counters.reached_if(result.mpsc_skipped_count != 0, State::mailbox_met_full);
    counters.reached_if(graph.thread_count > 1, State::several_threads);
    counters.reached_if(result.status == 0, State::ended_well);
    counters.reached_if(result.status == -7, State::ended_by_slab);
    counters.reached_if(result.status == -102, State::ended_by_overfull_slab);
    counters.reached_if(result.status == -103, State::ended_by_corrupt_slab);
    counters.reached_if(result.status == -101, State::ended_by_condition);
}

class Judgement {
  public:
    Judgement(const SchedulerThreadsSchedule& schedule, const GraphResult& result)
        : schedule_(schedule), graph_(schedule.graph), result_(result) {}

    std::optional<Finding> run() const {
        const int32_t expected = expected_status(graph_);
        if (result_.status != expected) {
            return finding(Verdict::wrong_status,
                           "the run ended with status " + std::to_string(result_.status) +
                               " (should be " + std::to_string(expected) + ")");
        }
        if (result_.status != 0) {
            return std::nullopt;
        }
        if (result_.completed != graph_.tasks.size()) {
            return finding(Verdict::wrong_count, std::to_string(result_.completed) +
                                                     " tasks completed, of " +
                                                     std::to_string(graph_.tasks.size()));
        }
        if (!result_.is_clean) {
            return finding(Verdict::not_clean, "the run ended well and left something behind");
        }
        return find_wrong_task();
    }

  private:
    std::optional<Finding> find_wrong_task() const {
        const std::vector<uint64_t> expected = expected_values(graph_);
        for (uint32_t i = 0; i < graph_.tasks.size(); ++i) {
            const uint32_t subtasks = pto::sim::subtask_count(graph_.tasks[i]);
            if (result_.runs[i] != subtasks) {
                return finding(Verdict::wrong_count, "task " + graph_.name_of(i) + ": " +
                                                         std::to_string(result_.runs[i]) +
                                                         " subtasks ran, of " +
                                                         std::to_string(subtasks));
            }
            if (result_.values[i] != expected[i]) {
                return finding(Verdict::wrong_result,
                               "task " + graph_.name_of(i) + " read something before it was there");
            }
        }
        return std::nullopt;
    }

    Finding finding(Verdict verdict, const std::string& sentence) const {
        return {words[verdict], sentence,
                "platform " + schedule_.platform.name() + ", " +
                    std::to_string(graph_.tasks.size()) + " tasks, " +
                    std::to_string(graph_.thread_count) + " scheduler threads, window " +
                    std::to_string(graph_.window) + ", " + std::to_string(graph_.ring_count) +
                    " rings, " + std::to_string(result_.completed) + " completed, " +
                    std::to_string(result_.subtasks_run) + " subtasks ran, " +
                    std::to_string(result_.mpsc_skipped_count) + " pushes met a full mailbox\n" +
                    result_.diagnosis};
    }

    const SchedulerThreadsSchedule& schedule_;
    const Graph& graph_;
    const GraphResult& result_;
};

}  // namespace

std::optional<Finding> judge(const SchedulerThreadsSchedule& schedule,
                             const SchedulerThreadsHistory& history) {
    count_states(schedule.graph, history.result);
    return Judgement(schedule, history.result).run();
}

std::vector<StateCount> scheduler_threads_states() { return counters.snapshot(); }

}  // namespace fuzz
