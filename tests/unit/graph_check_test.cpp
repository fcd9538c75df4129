// The check before a run refuses what the scheduler refuses, at the same task, and nothing else.
#include "sim/graph_check.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "sim/graph_run.h"
#include "sim/graph_text.h"
#include "sim/random_graph.h"
#include "src/a2a3/scheduler.h"

namespace mailproof::test {
namespace {

using pto::sim::Graph;
using pto::sim::graph_problem;
using pto::sim::GraphProblem;
using pto::sim::GraphStep;

/// What a scheduler does with the graph, whose sizes are all right.
struct SchedulerVerdict {
    int32_t status;
    uint64_t submitted;
};

SchedulerVerdict scheduler_verdict(const Graph& graph) {
    pto::sim::Machine machine(
        {.time = pto::sim::TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
    pto::sim::GraphRun<pto::a2a3::Platform> run(graph, machine);
    const int32_t status = run.run_on_this_thread().status;
    return {status, run.scheduler().run().submitted()};
}

/// Do check and scheduler agree, on the task too?
void expect_agreement(const Graph& graph) {
    const std::optional<GraphProblem> problem = graph_problem(graph);
    const SchedulerVerdict verdict = scheduler_verdict(graph);
    EXPECT_EQ(verdict.status, problem ? -pto::PTO2_ERROR_INVALID_ARGS : 0)
        << (problem ? problem->what : "") << '\n'
        << print_graph(graph);
    if (problem) {
        EXPECT_EQ(verdict.submitted, problem->task) << print_graph(graph);
    }
}

Graph parsed(const std::string& text) { return pto::sim::parse_graph(text).graph; }

void expect_problem(const std::string& text, uint32_t task, const std::string& what) {
    const Graph graph = parsed(text);
    const std::optional<GraphProblem> problem = graph_problem(graph);
    ASSERT_TRUE(problem) << text;
    EXPECT_EQ(problem->task, task);
    EXPECT_NE(problem->what.find(what), std::string::npos) << problem->what;
    expect_agreement(graph);
}

TEST(GraphCheckTest, subtasks_have_a_limit_that_cores_count_towards) {
    EXPECT_FALSE(graph_problem(parsed("task blocks=32767")));
    expect_agreement(parsed("task cores=mix blocks=10922"));
    expect_problem("task blocks=32768", 0, "32768 subtasks");
    expect_problem("task\ntask cores=mix blocks=10923", 1, "32769 subtasks");
    expect_problem("task cores=mix blocks=2147483647", 0, "6442450941 subtasks");
}

TEST(GraphCheckTest, a_task_has_a_block_unless_it_is_a_dummy) {
    expect_problem("task blocks=0", 0, "0 blocks");
    expect_problem("task blocks=-3", 0, "-3 blocks");
    expect_agreement(parsed("task cores=none blocks=0"));
}

TEST(GraphCheckTest, cores_exist) {
    Graph graph;
    graph.tasks = {{.cores = 8}};
    EXPECT_TRUE(graph_problem(graph));
    expect_agreement(graph);
}

TEST(GraphCheckTest, producers_come_before) {
    const std::optional<GraphProblem> later = graph_problem(parsed("task a after=b\ntask b"));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->what, "it comes after b, which is not submitted before it");
    EXPECT_TRUE(graph_problem(parsed("task a after=a")));
}

TEST(GraphCheckTest, a_ring_has_room_for_what_open_scopes_hold) {
    expect_agreement(parsed("window 2\ntask\ntask"));
    expect_problem("window 2\ntask\ntask\ntask", 2, "all 2 slots");
    expect_agreement(parsed("window 2\nscope\ntask\ntask\nend\nscope\ntask\ntask\nend"));
    expect_problem("window 2\nrings 2\nscope\ntask\nscope\ntask\nend\ntask\nend", 2, "all 2 slots");
    expect_agreement(parsed("window 2\nrings 3\nscope\ntask\nscope\ntask\ntask\nend\ntask\nend"));
}

TEST(GraphCheckTest, a_ring_has_room_for_the_dependencies_of_what_open_scopes_hold) {
    expect_agreement(parsed("dependencies 2\ntask a\ntask after=a,a"));
    expect_problem("dependencies 2\ntask a\ntask after=a,a,a", 1, "3 dependencies");
    expect_problem("dependencies 2\ntask a\ntask b after=a\ntask after=a,b", 2, "3 dependencies");
    expect_agreement(
        parsed("dependencies 2\ntask a\nscope\ntask b after=a,a\nend\n"
               "scope\ntask after=a,b\nend"));
}

TEST(GraphCheckTest, steps_fit_the_tasks) {
    Graph graph;
    graph.tasks.resize(2);
    graph.steps = {GraphStep::TASK};
    EXPECT_EQ(graph_problem(graph)->task, 1u);
    graph.steps = {GraphStep::TASK, GraphStep::TASK, GraphStep::TASK};
    EXPECT_TRUE(graph_problem(graph));
    graph.steps = {GraphStep::END_SCOPE, GraphStep::TASK, GraphStep::TASK};
    EXPECT_EQ(graph_problem(graph)->what, "no scope is open");
    graph.steps = {GraphStep::END_SCOPE, GraphStep::END_SCOPE, GraphStep::TASK, GraphStep::TASK};
    EXPECT_EQ(graph_problem(graph)->what, "a scope ends, and none is open");
}

TEST(GraphCheckTest, sizes_are_those_that_a_scheduler_takes) {
    const auto is_refused = [](uint32_t Graph::* field, uint32_t size) {
        Graph graph;
        graph.*field = size;
        return graph_problem(graph).has_value();
    };
    EXPECT_TRUE(is_refused(&Graph::window, 0));
    EXPECT_TRUE(is_refused(&Graph::window, 3));
    EXPECT_TRUE(is_refused(&Graph::window, 1u << 17));
    EXPECT_TRUE(is_refused(&Graph::dependency_capacity, 0));
    EXPECT_TRUE(is_refused(&Graph::ring_count, 0));
    EXPECT_TRUE(is_refused(&Graph::thread_count, 0));
    EXPECT_TRUE(is_refused(&Graph::cluster_count, 65));
    EXPECT_FALSE(is_refused(&Graph::window, 1));
}

TEST(GraphCheckTest, agrees_with_the_scheduler_on_random_graphs_with_too_little_room) {
    uint32_t refused = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        Graph graph = pto::sim::random_graph(seed, 40);
        pto::sim::Random random(seed);
        graph.window = 1u << random.between(1, 6);
        graph.dependency_capacity = 1u << random.between(1, 8);
        refused += graph_problem(graph).has_value();
        expect_agreement(graph);
    }
    EXPECT_GT(refused, 50u);
    EXPECT_LT(refused, 250u);
}

}  // namespace
}  // namespace mailproof::test
