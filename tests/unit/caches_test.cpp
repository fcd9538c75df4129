// The caches of the simulated a2a3: what passes through them, and which operations a run makes.
#include "sim/caches.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/graph_run.h"
#include "src/platforms.h"
#include "tests/unit/rings.h"

namespace mailproof::test {
namespace {

using pto::sim::CacheCounts;
using pto::sim::CacheModel;
using pto::sim::EngineWords;
using pto::sim::Graph;
using pto::sim::GraphResult;
using pto::sim::GraphRun;
using pto::sim::GraphTask;
using pto::sim::Machine;
using pto::sim::TimeMode;

using OnA2a3 = pto::sim::Simulated<pto::a2a3::Platform>;

/// Two lines.
struct Cached {
    alignas(64) uint32_t cached[32] = {1, 2, 3, 4};
    alignas(64) uint32_t memory[32] = {5, 6, 7, 8};
    CacheModel caches;

    Cached() {
        cached[16] = 9;
        memory[16] = 10;
        caches.add(cached, memory, sizeof cached);
    }
};

TEST(CacheModelTest, invalidation_brings_the_line_and_no_other) {
    Cached words;
    words.caches.invalidate(&words.cached[1], 1);
    EXPECT_EQ(words.cached[0], 5u);
    EXPECT_EQ(words.cached[3], 8u);
    EXPECT_EQ(words.cached[16], 9u);
    words.caches.invalidate(&words.cached[16], 4);
    EXPECT_EQ(words.cached[16], 10u);
}

TEST(CacheModelTest, bytes_of_two_lines_are_in_both) {
    Cached words;
    words.caches.invalidate(&words.cached[15], 8);
    EXPECT_EQ(words.cached[0], 5u);
    EXPECT_EQ(words.cached[16], 10u);
}

TEST(CacheModelTest, no_bytes_are_in_no_line) {
    Cached words;
    words.caches.invalidate(&words.cached[0], 0);
    words.caches.flush(&words.cached[0], 0);
    EXPECT_EQ(words.cached[0], 1u);
    EXPECT_EQ(words.memory[0], 5u);
}

TEST(CacheModelTest, flush_takes_the_line_and_no_other) {
    Cached words;
    words.caches.flush(&words.cached[2], 4);
    EXPECT_EQ(words.memory[0], 1u);
    EXPECT_EQ(words.memory[3], 4u);
    EXPECT_EQ(words.memory[16], 10u);
    EXPECT_EQ(words.cached[2], 3u);
}

// False sharing: a scheduler thread writes a word and an engine its neighbour.
TEST(CacheModelTest, a_line_that_was_written_overwrites_what_an_engine_wrote_beside_it) {
    Cached words;
    words.caches.invalidate(words.cached, sizeof words.cached);
    words.cached[0] = 50;
    words.memory[1] = 60;
    words.caches.invalidate(&words.cached[1], 4);
    EXPECT_EQ(words.memory[0], 50u) << "written back before the line is dropped";
    EXPECT_EQ(words.memory[1], 6u) << "the engine's word is lost";
    EXPECT_EQ(words.cached[1], 6u);
}

TEST(CacheModelTest, a_line_that_was_flushed_is_not_written_back_again) {
    Cached words;
    words.cached[0] = 50;
    words.caches.flush(&words.cached[0], 4);
    words.memory[1] = 60;
    words.caches.invalidate(&words.cached[1], 4);
    EXPECT_EQ(words.cached[0], 50u);
    EXPECT_EQ(words.cached[1], 60u);
    words.cached[16] = 70;
    words.memory[2] = 80;
    words.caches.invalidate(&words.cached[2], 4);
    EXPECT_EQ(words.cached[2], 80u) << "another line is dirty";
}

TEST(CacheModelTest, memory_of_no_engine_is_left_alone) {
    Cached words;
    uint64_t other = 9;
    words.caches.invalidate(&other, sizeof other);
    words.caches.flush(&other, sizeof other);
    EXPECT_EQ(other, 9u);
    words.caches.remove(words.cached);
    words.caches.invalidate(words.cached, sizeof words.cached);
    EXPECT_EQ(words.cached[0], 1u);
}

TEST(CacheModelTest, operations_are_counted) {
    Cached words;
    words.caches.invalidate(words.cached, 16);
    words.caches.invalidate(words.cached, 4);
    words.caches.flush(words.cached, 8);
    EXPECT_EQ(words.caches.counts(), (CacheCounts{2, 20, 1, 8}));
}

TEST(CacheModelTest, a_platform_uses_the_caches_of_its_thread) {
    Cached words;
    OnA2a3::cache_invalidate_range(words.cached, 4);
    EXPECT_EQ(words.cached[0], 1u);
    {
        const CacheModel::Use use(words.caches);
        OnA2a3::cache_invalidate_range(words.cached, 4);
        OnA2a3::cache_flush_range(&words.cached[16], 4);
    }
    EXPECT_EQ(words.cached[0], 5u);
    EXPECT_EQ(words.memory[16], 9u);
    OnA2a3::cache_flush_range(&words.cached[0], 4);
    EXPECT_EQ(words.memory[0], 5u);
}

TEST(EngineWordsTest, a_word_stays_as_it_was_until_an_invalidation) {
    CacheModel caches;
    const EngineWords<uint64_t> words(3, &caches);
    words.of_engine(2) = 7;
    auto* const cached = reinterpret_cast<uint64_t*>(static_cast<uintptr_t>(words.address(2)));
    EXPECT_EQ(*cached, 0u);
    caches.invalidate(cached, sizeof *cached);
    EXPECT_EQ(*cached, 7u);
}

TEST(EngineWordsTest, a_coherent_word_is_seen_at_once) {
    const EngineWords<uint32_t> words(1, nullptr);
    words.of_engine(0) = 7;
    EXPECT_EQ(*reinterpret_cast<uint32_t*>(static_cast<uintptr_t>(words.address(0))), 7u);
}

// ----- what a run does ------------------------------------------------------------------------

GraphTask core_task(uint32_t conditions, bool has_records = false) {
    GraphTask task;
    task.cores = pto::SUBTASK_AIC;
    task.duration_ns = 10;
    task.conditions = conditions;
    task.has_records = has_records;
    return task;
}

/// `tasks`, each after the one before.
Graph chain(std::vector<GraphTask> tasks) {
    Graph graph;
    graph.thread_count = 1;
    for (uint32_t i = 1; i < tasks.size(); ++i) {
        tasks[i].after = {i - 1};
    }
    graph.tasks = std::move(tasks);
    return graph;
}

template <class Platform>
GraphResult run_alone(const Graph& graph) {
    Machine machine({.time = TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
    return GraphRun<Platform>(graph, machine).run_on_this_thread();
}

std::string text(const CacheCounts& counts) {
    return std::to_string(counts.invalidated_ranges) + " ranges of " +
           std::to_string(counts.invalidated_bytes) + " bytes invalidated, " +
           std::to_string(counts.flushed_ranges) + " of " + std::to_string(counts.flushed_bytes) +
           " flushed";
}

template <class Platform>
class CacheRunTest : public ::testing::Test {};
using Platforms = pto::Platforms::Into<::testing::Types>;
TYPED_TEST_SUITE(CacheRunTest, Platforms, PlatformName);

/// One task after another, on the same slabs and payloads: each but the first finds what an earlier
/// one left there.
TYPED_TEST(CacheRunTest, conditions_and_payloads_pass_through_the_caches) {
    Graph graph = chain({core_task(0), core_task(3), core_task(2, true), core_task(1),
                         core_task(64), core_task(0), core_task(5)});
    for (GraphTask& task : graph.tasks) {
        task.delay_ns = 100;
    }
    graph.tasks[2].block_num = 7;
    const GraphResult result = run_alone<TypeParam>(graph);
    EXPECT_TRUE(result.is_good()) << result.status << " " << result.problem << result.diagnosis;
    EXPECT_EQ(result.values, run_alone<pto::a5::Platform>(graph).values);
}

TEST(CacheCountTest, a_task_without_conditions_takes_two_flushes_and_an_invalidation) {
    const GraphResult result =
        run_alone<pto::a2a3::Platform>(chain({core_task(0), core_task(0), core_task(0)}));
    EXPECT_TRUE(result.is_good()) << result.problem;
    // The dispatch flushes the payload and the slab's two words; the FIN invalidates these words.
    EXPECT_EQ(result.cache_counts, (CacheCounts{3, 3 * 8, 6, 3 * (64 + 8)}))
        << text(result.cache_counts);
}

TEST(CacheCountTest, a_condition_takes_an_invalidation_of_its_entry_and_one_at_each_poll) {
    const GraphResult result =
        run_alone<pto::a2a3::Platform>(chain({core_task(2), core_task(1, true)}));
    EXPECT_TRUE(result.is_good()) << result.problem;
    // At each FIN the slab's two words and its entries. Three polls of each word: in the turn of
    // the FIN, in the next, which has nothing else to do and lets the engines end their work, and
    // in the one after.
    const CacheCounts expected = {2 * 2 + 3 * 3, 2 * 8 + 3 * 32 + 3 * (2 * 4 + 8), 4, 2 * (64 + 8)};
    EXPECT_EQ(result.cache_counts, expected) << text(result.cache_counts);
}

TEST(CacheCountTest, a_coherent_platform_counts_nothing) {
    const GraphResult result = run_alone<pto::a5::Platform>(chain({core_task(2), core_task(0)}));
    EXPECT_TRUE(result.is_good()) << result.problem;
    EXPECT_EQ(result.cache_counts, CacheCounts{}) << text(result.cache_counts);
}

}  // namespace
}  // namespace mailproof::test
