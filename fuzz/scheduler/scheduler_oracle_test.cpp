// Tests the alarm of the scheduler's targets: what the real scheduler does passes, and each
// corruption that is planted in the history of a real run gets its own verdict.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/scheduler/scheduler_step_oracle.h"
#include "fuzz/scheduler/scheduler_step_runner.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "fuzz/scheduler/scheduler_threads_oracle.h"
#include "fuzz/scheduler/scheduler_threads_schedule.h"
#include "sim/graph_check.h"

namespace fuzz::test {
namespace {

using Action = SchedulerAction;
using Kind = SchedulerEventKind;

SchedulerOperation operation(Action call, uint32_t which = 0, uint32_t value = 0) {
    return {call, which, value, {}};
}

SchedulerOperation submit(uint8_t cores, int32_t blocks = 1, uint32_t conditions = 0,
                          uint32_t after_last = 0) {
    SchedulerOperation op = operation(Action::submit);
    op.task.cores = cores;
    op.task.block_num = blocks;
    op.task.conditions = conditions;
    op.task.expected_value = 1;
    op.task.dependency_count = after_last;
    op.task.dependencies[0] = 1;
    return op;
}

/// A run of the real scheduler, two threads with a cluster each, whose history can be changed
/// before it is judged.
class RealRun {
  public:
    explicit RealRun(std::vector<SchedulerOperation> operations) {
        schedule_.decode({});
        schedule_.operations = std::move(operations);
        runner().run(schedule_, history);
    }

    /// The first, or a later, event of a kind.
    SchedulerEvent& event(Kind kind, size_t skip = 0) {
        for (SchedulerEvent& event : history.events) {
            if (event.kind == kind && skip-- == 0) {
                return event;
            }
        }
        ADD_FAILURE() << "no such event";
        return history.events.front();
    }

    /// Takes out the first, or a later, event of a kind.
    void erase(Kind kind, size_t skip = 0) {
        history.events.erase(history.events.begin() + (&event(kind, skip) - history.events.data()));
    }

    SchedulerObservation& last_observation() { return history.observations.back(); }

    std::string verdict() const {
        const std::optional<Finding> found = judge(schedule_, history);
        return found ? found->verdict : "passes";
    }

    SchedulerStepHistory history;

  private:
    static SchedulerStepRunner& runner() {
        static const auto kept = std::make_unique<SchedulerStepRunner>();
        return *kept;
    }

    SchedulerStepSchedule schedule_;
};

/// Two tasks, from submission to the end; the second depends on the first and has a condition.
RealRun a_run() {
    return RealRun({submit(1), submit(2, 1, 1, 1), operation(Action::turn),
                    operation(Action::cores_go), operation(Action::turn), operation(Action::wait)});
}

TEST(SchedulerOracle, passes_what_the_scheduler_does) { EXPECT_EQ(a_run().verdict(), "passes"); }

TEST(SchedulerOracle, passes_what_the_scheduler_does_on_every_seed) {
    const auto runner = std::make_unique<SchedulerStepRunner>();
    SchedulerStepSchedule schedule;
    SchedulerStepHistory history;
    for (const Seed& seed : SchedulerStepSchedule::seeds()) {
        schedule.decode(seed.bytes);
        runner->run(schedule, history);
        const std::optional<Finding> found = judge(schedule, history);
        EXPECT_FALSE(found) << seed.name << ": " << found->verdict << ": " << found->sentence;
    }
}

struct Corruption {
    const char* what;
    const char* verdict;
    std::function<void(RealRun&)> plant;
};

TEST(SchedulerOracle, finds_each_corruption_of_a_run) {
    const std::vector<Corruption> corruptions = {
        {"a submission refused", "wrong-submission",
         [](RealRun& run) { run.event(Kind::submit).code = 5; }},
        {"a submission delayed", "wrong-submission",
         [](RealRun& run) { run.event(Kind::submit).word = ~uint64_t{0}; }},
        {"another id", "wrong-submission", [](RealRun& run) { ++run.event(Kind::submit).word; }},
        {"a busy core that was not looked at", "wrong-read",
         [](RealRun& run) { run.erase(Kind::read_status); }},
        {"a core that was looked at and is not busy", "wrong-read",
         [](RealRun& run) { ++run.event(Kind::read_status).which; }},
        {"a core of another thread", "wrong-dispatch",
         [](RealRun& run) { run.event(Kind::doorbell).which += 3; }},
        {"a core of another kind", "wrong-dispatch",
         [](RealRun& run) { run.event(Kind::doorbell).which += 1; }},
        {"another task's payload", "wrong-dispatch",
         [](RealRun& run) { run.event(Kind::doorbell).index = 1; }},
        {"a block that there is not", "wrong-dispatch",
         [](RealRun& run) { run.event(Kind::doorbell).code = 1; }},
        {"a slab that was not cleared", "wrong-dispatch",
         [](RealRun& run) { run.event(Kind::doorbell).is_slab_clear = false; }},
        {"an id out of its sequence", "wrong-dispatch",
         [](RealRun& run) { ++run.event(Kind::doorbell).id; }},
        {"a dispatch that was lost", "wrong-count",
         [](RealRun& run) { run.erase(Kind::doorbell); }},
        {"a completion that was lost", "wrong-completion",
         [](RealRun& run) { run.erase(Kind::completed); }},
        {"a task that completed for another one", "wrong-completion",
         [](RealRun& run) { run.event(Kind::completed).index = 1; }},
        {"a slot that was not freed", "wrong-release",
         [](RealRun& run) { run.erase(Kind::consumed); }},
        {"a wait in which no time passed", "wrong-count",
         [](RealRun& run) { run.erase(Kind::idle); }},
        {"progress that there was not", "wrong-count",
         [](RealRun& run) { run.event(Kind::turn).code = 0; }},
        {"an error out of nowhere", "wrong-error",
         [](RealRun& run) { run.last_observation().error_code = 103; }},
        {"an error of the wait list", "wrong-error",
         [](RealRun& run) { run.last_observation().sticky_error = 101; }},
        {"a lock that was not given back", "lock-held",
         [](RealRun& run) { run.last_observation().is_lock_free = false; }},
        {"a task that waits for nothing", "wrong-count",
         [](RealRun& run) { ++run.last_observation().waiting_tasks; }},
        {"a message that came from nowhere", "wrong-count",
         [](RealRun& run) { ++run.last_observation().mailbox_depth; }},
        {"a full mailbox that was not", "wrong-count",
         [](RealRun& run) { ++run.last_observation().full_pushes; }},
        {"a completion too many", "wrong-completion",
         [](RealRun& run) { ++run.last_observation().completed; }},
        {"a watermark that ran ahead", "wrong-release",
         [](RealRun& run) { ++run.last_observation().watermarks[0]; }},
        {"a release that was not given back", "wrong-count",
         [](RealRun& run) { ++run.last_observation().releases_buffered[1]; }},
        {"a status that hides", "wrong-error",
         [](RealRun& run) { run.history.status_at_end = -9; }},
        {"a good end with something left", "not-clean",
         [](RealRun& run) { run.history.is_clean_at_end = false; }},
        {"a run that did not end", "not-ended",
         [](RealRun& run) { run.history.events.push_back({.kind = Kind::stuck}); }},
        {"something that no action asked for", "wrong-read",
         [](RealRun& run) { run.history.events.push_back({.kind = Kind::idle}); }},
        {"a core that was not told to leave", "wrong-dispatch",
         [](RealRun& run) { run.event(Kind::doorbell, 2).which = 3; }},
        {"a core that was not waited for", "wrong-dispatch",
         [](RealRun& run) { run.erase(Kind::doorbell, 8); }},
        {"a core that says it has left and has not", "wrong-read",
         [](RealRun& run) { run.erase(Kind::core_left); }},
    };
    for (const Corruption& corruption : corruptions) {
        RealRun run = a_run();
        corruption.plant(run);
        EXPECT_EQ(run.verdict(), corruption.verdict) << corruption.what;
    }
}

TEST(SchedulerOracle, finds_a_block_in_two_clusters) {
    RealRun run({submit(7), operation(Action::turn)});
    run.event(Kind::doorbell, 1).which += 6;
    EXPECT_EQ(run.verdict(), "wrong-dispatch");
}

TEST(SchedulerOracle, finds_work_that_a_thread_left) {
    RealRun run({submit(1), operation(Action::turn)});
    run.erase(Kind::doorbell);
    run.event(Kind::turn).code = 0;
    EXPECT_EQ(run.verdict(), "idle-with-work");
}

TEST(SchedulerOracle, finds_a_dummy_before_what_it_comes_after) {
    RealRun run({submit(1), submit(0, 1, 0, 1), operation(Action::turn)});
    const auto turn_end =
        std::find_if(run.history.events.begin(), run.history.events.end(),
                     [](const SchedulerEvent& event) { return event.kind == Kind::doorbell; });
    run.history.events.insert(turn_end + 1, {.kind = Kind::completed, .index = 1});
    EXPECT_EQ(run.verdict(), "wrong-completion");
}

TEST(SchedulerOracle, a_report_shows_what_led_there) {
    RealRun run = a_run();
    run.event(Kind::doorbell).is_slab_clear = false;
    SchedulerStepSchedule schedule;
    schedule.decode({});
    schedule.operations = {submit(1), submit(2, 1, 1, 1)};
    const std::optional<Finding> found = judge(schedule, run.history);
    ASSERT_TRUE(found);
    EXPECT_NE(found->details.find("#0: submit 1 blocks on aic -> code 0"), std::string::npos)
        << found->details;
    EXPECT_NE(found->details.find("> "), std::string::npos);
    EXPECT_LT(std::count(found->details.begin(), found->details.end(), '\n'), 24);
}

/// The same run on each platform, and the schedule that led to it.
struct PairedRun {
    PlatformPairSchedule schedule;
    PlatformPairHistory history;

    PairedRun() {
        schedule.decode({});
        schedule.operations = {submit(1), submit(2, 1, 1, 1)};
        history.of_platform.fill(a_run().history);
    }
    SchedulerStepHistory& last() { return history.of_platform.back(); }
};

TEST(PlatformPair, finds_no_difference_between_equal_histories) {
    PairedRun run;
    EXPECT_FALSE(judge(run.schedule, run.history));
}

TEST(PlatformPair, finds_the_first_event_that_differs) {
    PairedRun run;
    const auto doorbell =
        std::find_if(run.last().events.begin(), run.last().events.end(),
                     [](const SchedulerEvent& event) { return event.kind == Kind::doorbell; });
    doorbell->which = 3;
    const std::optional<Finding> found = judge(run.schedule, run.history);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, "platforms-differ");
    EXPECT_NE(found->details.find("a5:   core 3 gets #0"), std::string::npos) << found->details;
}

TEST(PlatformPair, finds_an_observation_that_differs) {
    PairedRun run;
    ++run.last().observations.back().mailbox_depth;
    const std::optional<Finding> found = judge(run.schedule, run.history);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, "platforms-differ");
}

TEST(PlatformPair, judges_the_last_platform_when_all_are_equal) {
    PairedRun run;
    for (SchedulerStepHistory& history : run.history.of_platform) {
        history.status_at_end = -100;
    }
    const std::optional<Finding> found = judge(run.schedule, run.history);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, "wrong-error");
}

/// A graph and what a good run of it gives.
struct GoodGraph {
    SchedulerThreadsSchedule schedule;
    SchedulerThreadsHistory history;

    GoodGraph() {
        const std::vector<uint8_t> bytes = {1, 0, 0, 0, 1, 0, 0, 0, 7, 1, 5, 0};
        schedule.decode(bytes);
        history.result.completed = schedule.graph.tasks.size();
        history.result.is_clean = true;
        history.result.values = expected_values(schedule.graph);
        for (const pto::sim::GraphTask& task : schedule.graph.tasks) {
            history.result.runs.push_back(pto::sim::subtask_count(task));
        }
    }

    std::string verdict() const {
        const std::optional<Finding> found = judge(schedule, history);
        return found ? found->verdict : "passes";
    }
};

TEST(GraphOracle, passes_a_good_run) { EXPECT_EQ(GoodGraph().verdict(), "passes"); }

TEST(GraphOracle, finds_a_status_that_is_not_the_graphs) {
    GoodGraph graph;
    graph.history.result.status = -103;
    EXPECT_EQ(graph.verdict(), "wrong-status");
    graph = GoodGraph();
    graph.schedule.graph.tasks[0].fault = pto::sim::GraphFault::NULL_CONDITION;
    EXPECT_EQ(graph.verdict(), "wrong-status");
    graph.history.result.status = -101;
    EXPECT_EQ(graph.verdict(), "passes");
}

TEST(GraphOracle, finds_a_lost_task_and_a_subtask_that_ran_twice) {
    GoodGraph graph;
    --graph.history.result.completed;
    EXPECT_EQ(graph.verdict(), "wrong-count");
    graph = GoodGraph();
    ++graph.history.result.runs[1];
    EXPECT_EQ(graph.verdict(), "wrong-count");
}

TEST(GraphOracle, finds_a_result_that_was_read_too_early) {
    GoodGraph graph;
    ++graph.history.result.values[1];
    EXPECT_EQ(graph.verdict(), "wrong-result");
}

TEST(GraphOracle, finds_what_was_left_at_the_end) {
    GoodGraph graph;
    graph.history.result.is_clean = false;
    EXPECT_EQ(graph.verdict(), "not-clean");
}

TEST(SchedulerThreadsSchedule, refuses_no_seed_at_submission) {
    SchedulerThreadsSchedule schedule;
    for (const Seed& seed : SchedulerThreadsSchedule::seeds()) {
        schedule.decode(seed.bytes);
        EXPECT_FALSE(pto::sim::graph_problem(schedule.graph)) << seed.name;
    }
}

/// What fuzzers make at most; see oss-fuzz/schedule.options.
constexpr size_t fuzzed_bytes_max = 128;

TEST(SchedulerStepSeeds, reach_every_state_with_as_few_bytes_as_fuzzers_make) {
    const auto runner = std::make_unique<SchedulerStepRunner>();
    SchedulerStepSchedule schedule;
    SchedulerStepHistory history;
    const std::vector<StateCount> before = scheduler_step_states();
    for (const Seed& seed : SchedulerStepSchedule::seeds()) {
        if (seed.bytes.size() <= fuzzed_bytes_max) {
            schedule.decode(seed.bytes);
            runner->run(schedule, history);
            ASSERT_FALSE(judge(schedule, history)) << seed.name;
        }
    }
    const std::vector<StateCount> after = scheduler_step_states();
    for (size_t i = 0; i < after.size(); ++i) {
        EXPECT_GT(after[i].count, before[i].count) << after[i].name;
    }
}

/// A schedule of 512 tasks' room: a submission, two turns, and a record that repeats.
SchedulerStepSchedule decoded_with_repetition(uint8_t operations, uint8_t times,
                                              uint8_t really = 255) {
    constexpr uint8_t wide = 3;
    const std::vector<uint8_t> bytes = {1,  0,          wide,  0,     0,  //
                                        0,  1,          0,     0,         //
                                        1,  7,          0,     0,         //
                                        1,  8,          0,     0,         //
                                        22, operations, times, really};
    SchedulerStepSchedule schedule;
    schedule.decode(bytes);
    return schedule;
}

TEST(SchedulerStepSchedule, makes_the_last_operations_again) {
    const SchedulerStepSchedule schedule = decoded_with_repetition(/*operations=*/1, /*times=*/2);
    ASSERT_EQ(schedule.operations.size(), 3u + 2 * 3);
    for (size_t i = 1; i < schedule.operations.size(); ++i) {
        EXPECT_EQ(schedule.operations[i].call, Action::turn) << i;
        EXPECT_EQ(schedule.operations[i].which, i % 2 == 1 ? 7u : 8u) << i;
    }
}

TEST(SchedulerStepSchedule, repeats_no_more_than_there_is) {
    EXPECT_EQ(decoded_with_repetition(15, 0).operations.size(), 6u);
    EXPECT_EQ(decoded_with_repetition(0, 239).operations.size(), 3u + 8);
    EXPECT_EQ(decoded_with_repetition(0, 240).operations.size(), 3u + 16);
    EXPECT_EQ(decoded_with_repetition(0, 255).operations.size(), 3u + 256);
}

TEST(SchedulerStepSchedule, repeats_rarely) {
    const SchedulerStepSchedule schedule = decoded_with_repetition(0, 255, 247);
    ASSERT_EQ(schedule.operations.size(), 4u);
    EXPECT_EQ(schedule.operations.back().call, Action::turn);
}

TEST(SchedulerStepSchedule, repeats_up_to_the_bounds_of_a_schedule) {
    std::vector<uint8_t> tasks = {1, 0, 3, 0, 0, 0, 1, 0, 0};
    std::vector<uint8_t> turns = {1, 0, 3, 0, 0, 1, 1, 0, 0};
    for (int i = 0; i < 300; ++i) {
        for (std::vector<uint8_t>* input : {&tasks, &turns}) {
            input->insert(input->end(), {22, 15, 255, 255});
        }
    }
    SchedulerStepSchedule schedule;
    schedule.decode(tasks);
    EXPECT_EQ(schedule.operations.size(), scheduler_tasks_max);
    schedule.decode(turns);
    EXPECT_EQ(schedule.operations.size(), schedule_records_max);
}

}  // namespace
}  // namespace fuzz::test
