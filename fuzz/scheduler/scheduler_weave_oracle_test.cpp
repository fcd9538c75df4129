// Tests the oracle of the scheduler under weave: a good history passes, and each corruption of one
// gets its verdict. Tests the scenario's bytes.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/explored_inputs.h"
#include "fuzz/scheduler/scheduler_weave_history.h"
#include "fuzz/scheduler/scheduler_weave_oracle.h"
#include "fuzz/scheduler/scheduler_weave_schedule.h"

namespace fuzz::test {
namespace {

using Builder = ExploredBuilder<SchedulerWeaveSchedule>;

// Byte 4 of a scenario.
constexpr unsigned twice = 2;
constexpr unsigned ended = 0xc;

/// A task on a vector core, and one after it.
SchedulerWeaveSchedule chain(unsigned byte_4) {
    SchedulerWeaveSchedule schedule{};
    schedule.decode(Builder({1, 2, 0, byte_4}).add({2, 0, 0, 0}).add({2, 1, 0, 0}).bytes());
    return schedule;
}

SchedulerWeaveHistory good_history(const SchedulerWeaveSchedule& schedule) {
    SchedulerWeaveHistory history{};
    const std::vector<uint64_t> expected = expected_values(schedule.threads.graph);
    for (uint32_t i = 0; i < schedule.run_count; ++i) {
        ExploredRun& run = history.runs[history.run_count++];
        run.completed = expected.size();
        run.is_clean = true;
        for (size_t task = 0; task < expected.size(); ++task) {
            run.values[task] = expected[task];
            run.runs[task] = pto::sim::subtask_count(schedule.threads.graph.tasks[task]);
        }
    }
    return history;
}

std::string verdict(const SchedulerWeaveSchedule& schedule, const SchedulerWeaveHistory& history) {
    const std::optional<Finding> found = judge(schedule, history);
    return found ? found->verdict : "passes";
}

TEST(SchedulerWeaveOracle, good_runs_pass_and_each_corruption_of_the_second_is_named) {
    struct Corruption {
        const char* verdict;
        void (*apply)(SchedulerWeaveHistory&);
    };
    const Corruption corruptions[] = {
        {"passes", [](SchedulerWeaveHistory&) {}},
        {"wrong-count", [](SchedulerWeaveHistory& h) { h.run_count = 1; }},
        {"wrong-count", [](SchedulerWeaveHistory& h) { h.runs[1].completed = 1; }},
        {"wrong-count", [](SchedulerWeaveHistory& h) { h.runs[1].runs[1] = 2; }},
        {"wrong-result", [](SchedulerWeaveHistory& h) { ++h.runs[1].values[1]; }},
        {"wrong-status", [](SchedulerWeaveHistory& h) { h.runs[1].status = -103; }},
        {"not-clean", [](SchedulerWeaveHistory& h) { h.runs[1].is_clean = false; }},
    };
    const SchedulerWeaveSchedule schedule = chain(twice);
    for (const Corruption& corruption : corruptions) {
        SchedulerWeaveHistory history = good_history(schedule);
        corruption.apply(history);
        EXPECT_EQ(verdict(schedule, history), corruption.verdict);
    }
}

TEST(SchedulerWeaveOracle, only_the_run_that_another_thread_ends_may_have_its_code) {
    const SchedulerWeaveSchedule schedule = chain(twice | ended);
    SchedulerWeaveHistory history = good_history(schedule);
    history.runs[0].status = -SchedulerWeaveSchedule::end_code;
    history.runs[0].completed = 0;
    EXPECT_EQ(verdict(schedule, history), "passes");
    history.runs[1].status = -SchedulerWeaveSchedule::end_code;
    EXPECT_EQ(verdict(schedule, history), "wrong-status");
}

TEST(SchedulerWeaveSchedule, its_graph_is_that_of_scheduler_threads_without_time) {
    for (const Seed& seed : SchedulerWeaveSchedule::seeds()) {
        SchedulerWeaveSchedule schedule{};
        schedule.decode(seed.bytes);
        SchedulerThreadsSchedule threads;
        threads.decode(SchedulerWeaveSchedule::threads_input(seed.bytes));
        ASSERT_EQ(schedule.threads.graph.tasks.size(), threads.graph.tasks.size());
        ASSERT_LE(threads.graph.tasks.size(), explored_tasks_max);
        for (size_t i = 0; i < threads.graph.tasks.size(); ++i) {
            EXPECT_EQ(schedule.threads.graph.tasks[i].after, threads.graph.tasks[i].after);
            EXPECT_EQ(schedule.threads.graph.tasks[i].duration_ns, 0u);
        }
        EXPECT_EQ(schedule.choices.size(),
                  seed.bytes.size() - SchedulerWeaveSchedule::format.header_bytes);
    }
}

}  // namespace
}  // namespace fuzz::test
