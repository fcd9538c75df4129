// The graph format: what is printed is read back as the same graph, and what is wrong is named with
// its line.
#include "sim/graph_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/random_graph.h"

namespace mailproof::test {
namespace {

using pto::sim::Graph;
using pto::sim::GraphFault;
using pto::sim::GraphStep;
using pto::sim::GraphTask;
using pto::sim::GraphTextError;
using pto::sim::parse_graph;
using pto::sim::print_graph;

Graph graph_of_everything() {
    Graph graph;
    graph.thread_count = 3;
    graph.cluster_count = 7;
    graph.window = 8;
    graph.ring_count = 2;
    graph.dependency_capacity = 32;
    graph.watchdog_limit_ns = 1'500'000'000;
    graph.tasks = {
        {.cores = 0, .after = {}},
        {.cores = 7, .has_records = true, .conditions = 2, .after = {0}, .name = "say\"hi\""},
        {.block_num = 32767, .duration_ns = 1, .delay_ns = 2'000, .after = {0, 1, 0}},
        {.cores = 5,
         .fault = GraphFault::SLAB_ERROR,
         .fault_code = -7,
         .fault_subtask = 1,
         .name = "bad"},
    };
    graph.steps = {GraphStep::TASK, GraphStep::BEGIN_SCOPE, GraphStep::TASK,
                   GraphStep::TASK, GraphStep::END_SCOPE,   GraphStep::TASK};
    return graph;
}

TEST(GraphTextTest, says_everything) {
    EXPECT_EQ(print_graph(graph_of_everything()),
              "threads 3\n"
              "clusters 7\n"
              "window 8\n"
              "rings 2\n"
              "dependencies 32\n"
              "watchdog 1500ms\n"
              "task cores=none\n"
              "scope\n"
              "    task say\"hi\" cores=mix after=t0 records=2\n"
              "    task cores=aiv blocks=32767 after=t0,say\"hi\",t0 time=1ns delay=2us\n"
              "end\n"
              "task bad cores=aic+aiv1 fault=slab_error code=-7 subtask=1\n");
}

TEST(GraphTextTest, reads_what_it_prints) {
    const Graph graph = graph_of_everything();
    EXPECT_EQ(parse_graph(print_graph(graph)).graph, graph);
}

TEST(GraphTextTest, reads_every_fault_and_every_set_of_cores_back) {
    Graph graph;
    graph.thread_count = 1;
    for (uint8_t cores = 0; cores <= pto::SUBTASK_MASK_ALL; ++cores) {
        graph.tasks.push_back({.cores = cores});
    }
    for (size_t i = 0; i < pto::sim::fault_words.size(); ++i) {
        graph.tasks.push_back({.fault = static_cast<GraphFault>(i)});
    }
    EXPECT_EQ(parse_graph(print_graph(graph)).graph, graph);
}

TEST(GraphTextTest, reads_random_graphs_back) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
        const Graph graph = pto::sim::random_graph(seed, 60, {true, true});
        EXPECT_EQ(parse_graph(print_graph(graph)).graph, graph) << "seed " << seed;
    }
}

TEST(GraphTextTest, knows_the_lines_of_tasks_and_skips_comments_and_blanks) {
    const auto parsed = parse_graph("# a comment\n\n  task\t one # behind\r\n\ntask cores=none");
    EXPECT_EQ(parsed.lines, (std::vector<uint32_t>{3, 5}));
    EXPECT_EQ(parsed.graph.tasks[0].name, "one");
    EXPECT_EQ(parsed.graph.tasks[1].cores, 0);
}

TEST(GraphTextTest, takes_names_that_come_later_and_numbers_of_unnamed_tasks) {
    const auto parsed = parse_graph("task a after=b,t2\ntask b\ntask\n");
    EXPECT_EQ(parsed.graph.tasks[0].after, (std::vector<uint32_t>{1, 2}));
    EXPECT_FALSE(parsed.unknown_dependency);
}

TEST(GraphTextTest, an_unknown_name_is_a_problem_of_the_graph) {
    const auto parsed = parse_graph("task a\ntask b after=a,missing\n");
    ASSERT_TRUE(parsed.unknown_dependency);
    EXPECT_EQ(parsed.unknown_dependency->task, 1u);
    EXPECT_EQ(parsed.unknown_dependency->what, "it comes after 'missing', which does not exist");
    EXPECT_TRUE(pto::sim::graph_problem(parsed.graph));
    EXPECT_EQ(parse_graph(print_graph(parsed.graph)).graph, parsed.graph);
}

struct WrongText {
    const char* text;
    uint32_t line;
    const char* what;  ///< part of the message
};

class WrongTextTest : public ::testing::TestWithParam<WrongText> {};

TEST_P(WrongTextTest, is_named_with_its_line) {
    try {
        parse_graph(GetParam().text);
        FAIL() << "was read";
    } catch (const GraphTextError& error) {
        EXPECT_EQ(error.line(), GetParam().line) << error.what();
        EXPECT_NE(std::string(error.what()).find(GetParam().what), std::string::npos)
            << error.what();
    }
}

INSTANTIATE_TEST_SUITE_P(
    Wrong, WrongTextTest,
    ::testing::Values(WrongText{"tusk a", 1, "'tusk' is none of task, scope"},
                      WrongText{"\ntask a b", 2, "'b' should be KEY=VALUE"},
                      WrongText{"task a colour=red", 1, "'colour=' is none of cores"},
                      WrongText{"task cores=aic+aic", 1, "'cores=' is one of aic"},
                      WrongText{"task cores=gpu", 1, "not 'gpu'"},
                      WrongText{"task blocks=many", 1, "'blocks' takes a number, not 'many'"},
                      WrongText{"task blocks=4294967296", 1, "takes a number"},
                      WrongText{"task time=5", 1, "such as 20us, not '5'"},
                      WrongText{"task time=99999999999s", 1, "'time' takes a whole number"},
                      WrongText{"task time=1us time=2us", 1, "a second 'time='"},
                      WrongText{"task conditions=1 records=1", 1, "either conditions= or records="},
                      WrongText{"task conditions=129", 1, "at most 128"},
                      WrongText{"task fault=gremlins", 1, "'fault=' is one of slab_error"},
                      WrongText{"task fault=slab_error", 1, "needs a code="},
                      WrongText{"task after=", 1, "names with commas between"},
                      WrongText{"task a,b", 1, "visible ASCII"},
                      WrongText{"task a\ntask b\ntask a", 3, "called 'a' is on line 1"},
                      WrongText{"task t1\ntask", 2, "called 't1' is on line 1"},
                      WrongText{"end", 1, "without a 'scope'"},
                      WrongText{"scope\nscope\nend\n", 3, "scope that began on line 1"},
                      WrongText{"scope now", 1, "there is 'now'"},
                      WrongText{"window", 1, "'window' needs a value"},
                      WrongText{"window 12", 1, "power of two"},
                      WrongText{"window 4\nwindow 8", 2, "a second 'window'"},
                      WrongText{"rings 17", 1, "rings has to be from 1 to 16"},
                      WrongText{"clusters 0", 1, "clusters has to be from 1 to 64"},
                      WrongText{"threads -1", 1, "'threads' takes a number"},
                      WrongText{"dependencies 3", 1, "power of two"},
                      WrongText{"watchdog soon", 1, "'watchdog' takes a whole number"}));

}  // namespace
}  // namespace mailproof::test
