// Each run by the oracle of scheduler_threads; see the header.
#include "fuzz/scheduler/scheduler_weave_oracle.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz/kit/state_counters.h"
#include "fuzz/scheduler/scheduler_threads_history.h"
#include "fuzz/scheduler/scheduler_threads_oracle.h"

namespace fuzz {
namespace {

enum class State : uint8_t {
    ended_well,
    ended_by_its_graph,
    ended_by_another_thread,
    ended_before_that_thread,
    good_run_after_a_bad_one,
    mailbox_met_full,
    task_waited_for_conditions,
    slots_reused,
    several_threads,
    count,
};

StateCounters<State> counters({{
    {State::ended_well, "a run ended well"},
    {State::ended_by_its_graph, "a task's error ended a run"},
    {State::ended_by_another_thread, "another thread ended a run"},
    {State::ended_before_that_thread, "a run was over when another thread ended it"},
    {State::good_run_after_a_bad_one, "a good run after one that ended with an error"},
    {State::mailbox_met_full, "a push met a full mailbox"},
    {State::task_waited_for_conditions, "a task waited for conditions"},
    {State::slots_reused, "more tasks than the window has slots"},
    {State::several_threads, "several scheduler threads"},
}});

std::optional<Finding> judge_run(const SchedulerWeaveSchedule& schedule, const ExploredRun& run,
                                 bool is_ended) {
    if (is_ended && run.status == -SchedulerWeaveSchedule::end_code) {
        return std::nullopt;
    }
    SchedulerThreadsHistory history;
    history.result.status = run.status;
    history.result.completed = run.completed;
    history.result.mpsc_skipped_count = run.skipped;
    history.result.is_clean = run.is_clean;
    const size_t tasks = schedule.threads.graph.tasks.size();
    history.result.values.assign(run.values.begin(), run.values.begin() + tasks);
    history.result.runs.assign(run.runs.begin(), run.runs.begin() + tasks);
    return judge(schedule.threads, history);
}

void count_states(const SchedulerWeaveSchedule& schedule, const SchedulerWeaveHistory& history) {
    const pto::sim::Graph& graph = schedule.threads.graph;
    bool was_bad = false;
    for (uint32_t i = 0; i < history.run_count; ++i) {
        const ExploredRun& run = history.runs[i];
        const bool is_good = run.status == 0;
        const bool is_ended = i == 0 && schedule.is_ended;
        const bool by_another = is_ended && run.status == -SchedulerWeaveSchedule::end_code;
        counters.reached_if(is_good, State::ended_well);
        counters.reached_if(!is_good && !by_another, State::ended_by_its_graph);
        counters.reached_if(by_another, State::ended_by_another_thread);
        counters.reached_if(is_ended && !by_another, State::ended_before_that_thread);
        counters.reached_if(is_good && was_bad, State::good_run_after_a_bad_one);
        counters.reached_if(run.skipped != 0, State::mailbox_met_full);
        counters.reached_if(is_good && std::any_of(graph.tasks.begin(), graph.tasks.end(),
                                                   [](const pto::sim::GraphTask& task) {
                                                       return task.conditions != 0;
                                                   }),
                            State::task_waited_for_conditions);
        was_bad = !is_good;
    }
    counters.reached_if(graph.tasks.size() > size_t{graph.window} * graph.ring_count,
                        State::slots_reused);
    counters.reached_if(graph.thread_count > 1, State::several_threads);
}

}  // namespace

std::optional<Finding> judge(const SchedulerWeaveSchedule& schedule,
                             const SchedulerWeaveHistory& history) {
    if (history.run_count != schedule.run_count) {
        return Finding{"wrong-count", std::to_string(history.run_count) + " runs ended", ""};
    }
    for (uint32_t i = 0; i < history.run_count; ++i) {
        if (std::optional<Finding> finding =
                judge_run(schedule, history.runs[i], i == 0 && schedule.is_ended)) {
            finding->sentence += ", in run " + std::to_string(i);
            return finding;
        }
    }
    count_states(schedule, history);
    return std::nullopt;
}

std::vector<StateCount> scheduler_weave_states() { return counters.snapshot(); }

}  // namespace fuzz
