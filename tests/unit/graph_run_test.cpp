// Whole runs of graphs on both simulated platforms: results, every fault at every stage with its
// exact status, the watchdog, and one run after another.
#include "sim/graph_run.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "src/platforms.h"
#include "tests/unit/rings.h"

namespace mailproof::test {
namespace {

using pto::sim::Graph;
using pto::sim::GraphFault;
using pto::sim::GraphResult;
using pto::sim::GraphRun;
using pto::sim::GraphStep;
using pto::sim::GraphTask;
using pto::sim::Machine;
using pto::sim::TimeMode;

constexpr uint8_t cube = pto::SUBTASK_AIC;
constexpr uint8_t vector0 = pto::SUBTASK_AIV0;
constexpr uint8_t cube_and_vector1 = pto::SUBTASK_AIC | pto::SUBTASK_AIV1;
constexpr uint8_t all_cores = pto::SUBTASK_MASK_ALL;

template <class Platform>
class GraphRunTest : public ::testing::Test {};
using Platforms = pto::Platforms::Into<::testing::Types>;
TYPED_TEST_SUITE(GraphRunTest, Platforms, PlatformName);

/// Long enough for a thread that a busy machine holds up.
constexpr uint64_t watchdog_limit_ns = 60'000'000'000;

Graph small_graph() {
    Graph graph;
    graph.watchdog_limit_ns = watchdog_limit_ns;
    graph.window = 64;
    graph.dependency_capacity = 256;
    return graph;
}

/// Tasks that each come after the last one: of six subtasks on two cores, with conditions.
Graph chain(uint32_t tasks) {
    Graph graph = small_graph();
    for (uint32_t i = 0; i < tasks; ++i) {
        GraphTask task{.cores = cube_and_vector1,
                       .block_num = 3,
                       .conditions = 2,
                       .duration_ns = 1000,
                       .delay_ns = 500};
        if (i != 0) {
            task.after = {i - 1};
        }
        graph.tasks.push_back(task);
    }
    return graph;
}

template <class Platform>
GraphResult run_in_virtual_time(Graph graph) {
    graph.thread_count = 1;
    Machine machine({.time = TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
    return GraphRun<Platform>(graph, machine).run_on_this_thread();
}

template <class Platform>
GraphResult run_on_threads(const Graph& graph) {
    Machine machine({.time = TimeMode::REAL, .cluster_count = graph.cluster_count});
    return GraphRun<Platform>(graph, machine).run();
}

TYPED_TEST(GraphRunTest, a_graph_of_everything_computes_what_it_should) {
    Graph graph = small_graph();
    graph.tasks = {
        {.cores = cube, .duration_ns = 300},
        {.cores = vector0, .block_num = 9, .duration_ns = 100},
        {.cores = 0, .after = {0, 1}},
        {.cores = all_cores, .block_num = 4, .conditions = 3, .delay_ns = 700, .after = {2}},
        {.cores = cube_and_vector1, .block_num = 2, .duration_ns = 50, .after = {2, 1}},
        {.cores = 0, .after = {3}},
        {.cores = 0, .after = {4, 5}},
        {.cores = vector0, .conditions = 64, .after = {6, 0, 0}},
    };
    const GraphResult alone = run_in_virtual_time<TypeParam>(graph);
    EXPECT_TRUE(alone.is_good()) << alone.status << " " << alone.problem;
    EXPECT_EQ(alone.completed, 8u);
    EXPECT_EQ(alone.subtasks_run, 1u + 9u + 12u + 4u + 1u);
    EXPECT_GE(alone.duration_ns, 300u + 700u);
    const GraphResult threads = run_on_threads<TypeParam>(graph);
    EXPECT_TRUE(threads.is_good()) << threads.status << " " << threads.problem;
    EXPECT_EQ(threads.values, alone.values);
}

TYPED_TEST(GraphRunTest, an_empty_graph_ends_well) {
    EXPECT_TRUE(run_in_virtual_time<TypeParam>(small_graph()).is_good());
    EXPECT_TRUE(run_on_threads<TypeParam>(small_graph()).is_good());
}

TYPED_TEST(GraphRunTest, a_run_in_virtual_time_is_the_same_every_time) {
    const Graph graph = chain(10);
    const GraphResult first = run_in_virtual_time<TypeParam>(graph);
    const GraphResult second = run_in_virtual_time<TypeParam>(graph);
    EXPECT_TRUE(first.is_good()) << first.problem;
    EXPECT_EQ(first.duration_ns, second.duration_ns);
    EXPECT_EQ(first.values, second.values);
    EXPECT_EQ(first.duration_ns, 10u * (1000 + 500));
}

TYPED_TEST(GraphRunTest, tasks_may_wait_for_event_records) {
    Graph graph = chain(3);
    graph.tasks[1].has_records = true;
    const GraphResult result = run_in_virtual_time<TypeParam>(graph);
    EXPECT_TRUE(result.is_good()) << result.problem;
    EXPECT_EQ(result.completed, 3u);
    EXPECT_TRUE(run_on_threads<TypeParam>(graph).is_good());
}

// ----- scopes and windows ---------------------------------------------------------------------

/// `scopes` scopes, one after the other, of `per_scope` tasks each; each task but the first comes
/// after the last one and after one further back.
Graph many_scopes(uint32_t scopes, uint32_t per_scope, uint32_t window) {
    Graph graph;
    graph.watchdog_limit_ns = watchdog_limit_ns;
    graph.window = window;
    graph.dependency_capacity = 2 * window;
    graph.thread_count = 3;
    for (uint32_t scope = 0; scope < scopes; ++scope) {
        graph.steps.push_back(GraphStep::BEGIN_SCOPE);
        for (uint32_t i = 0; i < per_scope; ++i) {
            const uint32_t number = static_cast<uint32_t>(graph.tasks.size());
            GraphTask task{.cores = static_cast<uint8_t>(number % 8)};
            if (number > 4) {
                task.after = {number - 2, number - 4};
            }
            graph.tasks.push_back(task);
            graph.steps.push_back(GraphStep::TASK);
        }
        graph.steps.push_back(GraphStep::END_SCOPE);
    }
    return graph;
}

TYPED_TEST(GraphRunTest, slots_are_used_again_under_a_full_window) {
    for (const uint32_t window : {4u, 8u}) {
        const Graph graph = many_scopes(250, 4, window);
        const GraphResult alone = run_in_virtual_time<TypeParam>(graph);
        EXPECT_TRUE(alone.is_good()) << alone.status << " " << alone.problem;
        const GraphResult threads = run_on_threads<TypeParam>(graph);
        EXPECT_TRUE(threads.is_good()) << threads.status << " " << threads.problem;
        EXPECT_EQ(threads.values, alone.values);
    }
}

TYPED_TEST(GraphRunTest, a_scope_that_does_not_fit_is_refused) {
    const Graph graph = many_scopes(2, 5, 4);
    EXPECT_EQ(run_in_virtual_time<TypeParam>(graph).status, -5);
    EXPECT_EQ(run_on_threads<TypeParam>(graph).status, -5);
}

TYPED_TEST(GraphRunTest, an_error_ends_a_run_whose_submission_waits_for_the_window) {
    Graph graph = many_scopes(100, 4, 4);
    graph.tasks[2] = {.cores = cube, .fault = GraphFault::NEVER_FIN};
    graph.watchdog_limit_ns = 20'000'000;
    EXPECT_EQ(run_in_virtual_time<TypeParam>(graph).status, -100);
    EXPECT_EQ(run_on_threads<TypeParam>(graph).status, -100);
    graph.tasks[2] = {.cores = cube, .fault = GraphFault::SLAB_ERROR, .fault_code = 77};
    EXPECT_EQ(run_in_virtual_time<TypeParam>(graph).status, -77);
    EXPECT_EQ(run_on_threads<TypeParam>(graph).status, -77);
}

// ----- faults ---------------------------------------------------------------------------------

struct FaultCase {
    GraphFault fault;
    int32_t code;
    int32_t status;
};

constexpr FaultCase fault_cases[] = {
    {GraphFault::SLAB_ERROR, 77, -77},
    {GraphFault::SLAB_ERROR, -77, -77},
    {GraphFault::SLAB_ERROR, INT32_MIN, INT32_MIN},
    {GraphFault::SLAB_OVERFULL, 0, -102},
    {GraphFault::SLAB_CORRUPT, 0, -103},
    {GraphFault::NULL_CONDITION, 0, -101},
    {GraphFault::MISALIGNED_CONDITION, 0, -101},
    {GraphFault::UNKNOWN_CONDITION, 0, -101},
    {GraphFault::LOST_CONDITION, 0, -100},
    {GraphFault::NEVER_ACK, 0, -100},
    {GraphFault::NEVER_FIN, 0, -100},
};

/// Runs `check(graph, stage, status)` for every fault in the first, a middle and the last task, and
/// in its first and its last subtask.
template <class Check>
void for_each_fault(const Check& check) {
    constexpr uint32_t tasks = 5;
    for (const FaultCase& fault : fault_cases) {
        for (const uint32_t stage : {0u, tasks / 2, tasks - 1}) {
            for (const int32_t subtask : {0, 5}) {
                SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault.fault)) + ", task " +
                             std::to_string(stage) + ", subtask " + std::to_string(subtask));
                Graph graph = chain(tasks);
                graph.tasks[stage].fault = fault.fault;
                graph.tasks[stage].fault_code = fault.code;
                graph.tasks[stage].fault_subtask = subtask;
                check(graph, stage, fault.status);
            }
        }
    }
}

TYPED_TEST(GraphRunTest, every_fault_at_every_stage_has_its_status) {
    for_each_fault([](const Graph& graph, uint32_t stage, int32_t status) {
        const GraphResult result = run_in_virtual_time<TypeParam>(graph);
        EXPECT_EQ(result.status, status);
        EXPECT_EQ(result.completed, stage) << "what comes before, and nothing else";
    });
}

TYPED_TEST(GraphRunTest, every_fault_has_its_status_on_threads_too) {
    for_each_fault([](Graph graph, uint32_t stage, int32_t status) {
        graph.watchdog_limit_ns = status == -100 ? 10'000'000 : watchdog_limit_ns;
        const GraphResult result = run_on_threads<TypeParam>(graph);
        EXPECT_EQ(result.status, status);
        EXPECT_LE(result.completed, stage);
    });
}

TYPED_TEST(GraphRunTest, a_fault_hits_the_subtasks_that_it_names) {
    Graph graph = chain(1);
    graph.tasks[0].fault = GraphFault::SLAB_ERROR;
    graph.tasks[0].fault_code = 9;
    graph.tasks[0].fault_subtask = 6;
    EXPECT_TRUE(run_in_virtual_time<TypeParam>(graph).is_good()) << "there is no such subtask";
    graph.tasks[0].fault_subtask = -1;
    EXPECT_EQ(run_in_virtual_time<TypeParam>(graph).status, -9) << "all of them";
}

TYPED_TEST(GraphRunTest, the_first_of_two_errors_wins) {
    Graph graph = chain(4);
    graph.tasks[1].fault = GraphFault::SLAB_ERROR;
    graph.tasks[1].fault_code = 11;
    graph.tasks[3].fault = GraphFault::SLAB_CORRUPT;
    EXPECT_EQ(run_in_virtual_time<TypeParam>(graph).status, -11);
    EXPECT_EQ(run_on_threads<TypeParam>(graph).status, -11);
}

TYPED_TEST(GraphRunTest, the_watchdog_gives_a_silent_core_up_at_its_limit) {
    for (const GraphFault fault : {GraphFault::NEVER_ACK, GraphFault::NEVER_FIN}) {
        Graph graph = chain(2);
        graph.tasks[1].fault = fault;
        graph.watchdog_limit_ns = 3'000'000'000;
        const GraphResult result = run_in_virtual_time<TypeParam>(graph);
        EXPECT_EQ(result.status, -100);
        EXPECT_GE(result.duration_ns, graph.watchdog_limit_ns);
        // The core does not leave either, and gets no more time for that.
        EXPECT_LT(result.duration_ns, graph.watchdog_limit_ns + 4 * Machine::virtual_tick_max_ns);
    }
}

TYPED_TEST(GraphRunTest, slow_work_is_not_given_up_on_any_number_of_threads) {
    Graph graph = small_graph();
    graph.watchdog_limit_ns = 1'500'000'000;
    graph.thread_count = 3;
    for (uint32_t i = 0; i < 24; ++i) {
        GraphTask task{.conditions = i % 3,
                       .duration_ns = 1'000'000'000 + i * 7'000'000,
                       .delay_ns = 900'000'000 + i};
        if (i >= 8) {
            task.after = {i - 8};
        }
        graph.tasks.push_back(task);
    }
    for (int round = 0; round < 5; ++round) {
        Machine machine({.time = TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
        const GraphResult result = GraphRun<TypeParam>(graph, machine).run();
        EXPECT_TRUE(result.is_good()) << result.status << " " << result.problem;
    }
}

// ----- one run after another ------------------------------------------------------------------

TYPED_TEST(GraphRunTest, a_machine_serves_one_run_after_another) {
    const Graph single = [] {
        Graph graph = small_graph();
        graph.tasks = {{.cores = cube}};
        return graph;
    }();
    const Graph longer = chain(5);
    for (const TimeMode time : {TimeMode::VIRTUAL, TimeMode::REAL}) {
        Machine machine({.time = time});
        for (int i = 0; i < 3; ++i) {
            for (const Graph* graph : {&single, &longer}) {
                const GraphResult result = GraphRun<TypeParam>(*graph, machine).run();
                EXPECT_TRUE(result.is_good()) << result.status << " " << result.problem;
            }
        }
    }
}

TYPED_TEST(GraphRunTest, a_machine_serves_after_every_fault) {
    Machine machine({.time = TimeMode::REAL});
    const Graph good = chain(3);
    for (const FaultCase& fault : fault_cases) {
        Graph bad = chain(3);
        bad.tasks[1].fault = fault.fault;
        bad.tasks[1].fault_code = fault.code;
        bad.tasks[1].duration_ns = 300'000;
        bad.watchdog_limit_ns = fault.status == -100 ? 10'000'000 : watchdog_limit_ns;
        // Others that still run, and engines still at work, when the error ends the run.
        for (int i = 0; i < 6; ++i) {
            bad.tasks.push_back({.conditions = 1, .duration_ns = 400'000, .delay_ns = 400'000});
        }
        EXPECT_EQ(GraphRun<TypeParam>(bad, machine).run().status, fault.status);
        const GraphResult result = GraphRun<TypeParam>(good, machine).run();
        EXPECT_TRUE(result.is_good()) << result.status << " " << result.problem;
    }
}

TYPED_TEST(GraphRunTest, two_ranks_run_at_the_same_time) {
    const Graph graph = chain(20);
    Machine machine({.time = TimeMode::REAL, .rank_count = 2, .worker_count = 2});
    GraphRun<TypeParam> first(graph, machine, 0);
    GraphRun<TypeParam> second(graph, machine, 1);
    GraphResult of_second;
    std::thread other([&] { of_second = second.run(); });
    const GraphResult of_first = first.run();
    other.join();
    EXPECT_TRUE(of_first.is_good()) << of_first.problem;
    EXPECT_TRUE(of_second.is_good()) << of_second.problem;
    EXPECT_EQ(of_first.values, of_second.values);
}

TEST(GraphTest, tasks_have_a_readable_name_and_a_number_of_subtasks) {
    Graph graph = chain(2);
    graph.tasks[1].name = "matmul";
    EXPECT_EQ(graph.name_of(0), "t0");
    EXPECT_EQ(graph.name_of(1), "matmul");
    EXPECT_EQ(pto::sim::subtask_count(graph.tasks[0]), 6u);
    EXPECT_EQ(pto::sim::subtask_count({.cores = 0, .block_num = 9}), 0u);
}

}  // namespace
}  // namespace mailproof::test
