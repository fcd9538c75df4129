// Random graphs: the same for a seed everywhere, of every shape, and without anything that was not
// asked for.
#include "sim/random_graph.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "sim/graph_run.h"
#include "sim/graph_text.h"
#include "src/platforms.h"

namespace mailproof::test {
namespace {

using pto::sim::Graph;
using pto::sim::GraphFault;
using pto::sim::GraphStep;
using pto::sim::GraphTask;
using pto::sim::random_graph;

template <class Platform>
pto::sim::GraphResult result_of(const Graph& graph) {
    pto::sim::Machine machine(
        {.time = pto::sim::TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
    return pto::sim::GraphRun<Platform>(graph, machine).run_on_this_thread();
}

uint64_t hash_of(const std::string& text) {
    uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a
    for (const char letter : text) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3u;
    }
    return hash;
}

TEST(RandomGraphTest, a_seed_gives_the_same_graph_with_every_compiler) {
    std::string text;
    for (uint64_t seed = 0; seed < 50; ++seed) {
        text += pto::sim::print_graph(random_graph(seed, 100, {true, true}));
    }
    EXPECT_EQ(hash_of(text), 10041418769829604178u)
        << "the generator has changed: kept seeds mean other graphs now";
}

TEST(RandomGraphTest, has_as_many_tasks_as_asked_for) {
    for (const uint32_t tasks : {0u, 1u, 2u, 63u, 5000u}) {
        for (uint64_t seed = 0; seed < 10; ++seed) {
            EXPECT_EQ(random_graph(seed, tasks).tasks.size(), tasks) << "seed " << seed;
        }
    }
}

TEST(RandomGraphTest, ends_well_and_equally_on_every_platform) {
    for (uint64_t seed = 0; seed < 100; ++seed) {
        const Graph graph = random_graph(seed, 150);
        const auto first =
            pto::for_platform(0, [&graph]<class Platform>() { return result_of<Platform>(graph); });
        pto::for_each_platform([&]<class Platform>() {
            const auto result = result_of<Platform>(graph);
            EXPECT_TRUE(result.is_good())
                << Platform::name << ", seed " << seed << ": " << result.status << result.problem;
            EXPECT_EQ(result.values, first.values) << Platform::name << ", seed " << seed;
        });
    }
}

TEST(RandomGraphTest, with_records_ends_well) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
        const Graph graph = random_graph(seed, 100, {.has_records = true});
        pto::for_each_platform([&]<class Platform>() {
            EXPECT_TRUE(result_of<Platform>(graph).is_good())
                << Platform::name << ", seed " << seed;
        });
    }
}

TEST(RandomGraphTest, holds_a_window_of_the_tasks_that_it_is_given) {
    // Large enough that without scopes no window would do.
    const Graph graph = random_graph(1, 100'000);
    EXPECT_FALSE(pto::sim::graph_problem(graph));
}

/// What a lot of graphs have between them.
struct Seen {
    uint32_t faults = 0;
    uint32_t records = 0;
    uint32_t dummies = 0;
    uint32_t mixed = 0;
    uint32_t deferred = 0;
    uint32_t many_blocks = 0;
    uint32_t scopes = 0;
    uint32_t small_windows = 0;

    void add(const Graph& graph) {
        for (const GraphTask& task : graph.tasks) {
            faults += task.fault != GraphFault::NONE;
            records += task.has_records;
            dummies += task.cores == 0;
            mixed += __builtin_popcount(task.cores) > 1;
            deferred += task.conditions != 0;
            many_blocks += task.block_num > 20;
        }
        for (const GraphStep step : graph.steps) {
            scopes += step == GraphStep::BEGIN_SCOPE;
        }
        small_windows += graph.window < graph.tasks.size() / 4;
    }
};

Seen seen_in(const pto::sim::RandomGraphOptions& options) {
    Seen seen;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        seen.add(random_graph(seed, 100, options));
    }
    return seen;
}

TEST(RandomGraphTest, has_something_of_everything_but_faults_and_records) {
    const Seen seen = seen_in({});
    EXPECT_EQ(seen.faults, 0u);
    EXPECT_EQ(seen.records, 0u);
    EXPECT_GT(seen.dummies, 500u);
    EXPECT_GT(seen.mixed, 500u);
    EXPECT_GT(seen.deferred, 500u);
    EXPECT_GT(seen.many_blocks, 50u);
    EXPECT_GT(seen.scopes, 200u);
    EXPECT_GT(seen.small_windows, 10u);
}

TEST(RandomGraphTest, has_one_fault_when_asked) {
    EXPECT_EQ(seen_in({.has_fault = true}).faults, 100u);
    EXPECT_GT(seen_in({.has_records = true}).records, 200u);
}

}  // namespace
}  // namespace mailproof::test
