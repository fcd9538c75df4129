// The baseline scheduler is correct: the same results and errors as the product on the same graphs;
// and it has the fault that it is kept for.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "bench/scheduler/register_deferred_completion.h"
#include "sim/graph_run.h"
#include "sim/random_graph.h"
#include "src/a5/platform.h"
#include "src/runtime/scheduler.h"
#include "tests/unit/fake_cores.h"

namespace mailproof::test {
namespace {

using pto::sim::Graph;
using pto::sim::GraphResult;
// The baseline operates no caches.
using Platform = pto::a5::Platform;
using Baseline = bench::RegisterDeferredCompletion<Platform>;
using Product = pto::SchedulerCompletion<Platform>;

template <class Completion>
GraphResult run_alone(const Graph& graph) {
    pto::sim::Machine machine(
        {.time = pto::sim::TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
    return pto::sim::GraphRun<Platform, Completion>(graph, machine).run_on_this_thread();
}

TEST(BaselineTest, graphs_have_the_results_of_the_product) {
    uint64_t deferred = 0;
    for (uint64_t seed = 0; seed < 200; ++seed) {
        const Graph graph = pto::sim::random_graph(seed, 60, {.has_records = true});
        const GraphResult product = run_alone<Product>(graph);
        const GraphResult baseline = run_alone<Baseline>(graph);
        EXPECT_TRUE(baseline.is_good()) << "seed " << seed << ": " << baseline.problem;
        EXPECT_EQ(baseline.values, product.values) << "seed " << seed;
        EXPECT_EQ(baseline.runs, product.runs) << "seed " << seed;
        EXPECT_EQ(baseline.completed, product.completed) << "seed " << seed;
        for (const auto& task : graph.tasks) {
            deferred += task.conditions != 0;
        }
    }
    EXPECT_GT(deferred, 1000u);
}

TEST(BaselineTest, faults_end_a_run_as_in_the_product) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
        Graph graph = pto::sim::random_graph(seed, 60, {.has_fault = true});
        const GraphResult product = run_alone<Product>(graph);
        const GraphResult baseline = run_alone<Baseline>(graph);
        EXPECT_NE(baseline.status, 0) << "seed " << seed;
        EXPECT_EQ(baseline.status, product.status) << "seed " << seed;
    }
}

TEST(BaselineTest, graphs_end_well_on_threads) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
        Graph graph = pto::sim::random_graph(seed, 60);
        graph.thread_count = 3;
        pto::sim::Machine machine({.cluster_count = graph.cluster_count});
        const GraphResult result = pto::sim::GraphRun<Platform, Baseline>(graph, machine).run();
        EXPECT_TRUE(result.is_good()) << "seed " << seed << ": " << result.problem;
    }
}

/// One task of two subtasks, whose FINs the test handles itself.
template <class Completion>
struct Rig {
    using Scheduler = pto::Scheduler<Platform, Completion>;

    FakeCores cores{1};
    pto::TaskPayload<Platform> payload{};
    pto::PTO2TaskSlotState<Platform> slot;
    pto::DeferredCompletionSlab slab{};
    uint32_t word = 0;
    std::unique_ptr<Scheduler> scheduler = std::make_unique<Scheduler>(
        cores, pto::SchedulerConfig{.ring_count = 1, .window = 64, .dependency_capacity = 64});

    Rig() {
        slot.reset_for_reuse();
        slot.payload = &payload;
        slot.task = &payload.descriptor;
        slot.total_required_subtasks = 2;
    }

    void fin(uint32_t conditions) {
        for (uint32_t i = 0; i < conditions; ++i) {
            slab.entries[i] = {
                reinterpret_cast<uintptr_t>(&word), 0, 1, pto::COMPLETION_ENGINE_ROCE,
                pto::COMPLETION_TYPE_COUNTER,       0};
        }
        slab.count = conditions;
        scheduler->completion().complete_slot_task(slot, slab, scheduler->thread(0));
    }

    bool is_pending() { return slot.task_state.load() == pto::PTO2_TASK_PENDING; }
};

TEST(BaselineTest, a_task_waits_for_the_conditions_of_every_subtask) {
    Rig<Baseline> rig;
    rig.fin(3);
    EXPECT_EQ(rig.slab.count, 0u);
    rig.fin(0);
    rig.scheduler->completion().poll_conditions(rig.scheduler->thread(0));
    EXPECT_TRUE(rig.is_pending());
    rig.word = 1;
    EXPECT_EQ(rig.scheduler->completion().poll_conditions(rig.scheduler->thread(0)), 1);
    EXPECT_FALSE(rig.is_pending());
    EXPECT_EQ(rig.scheduler->wait_list().count.load(), 0);
}

TEST(BaselineTest, the_65th_condition_of_a_task_is_an_error) {
    Rig<Baseline> rig;
    rig.fin(64);
    EXPECT_FALSE(rig.scheduler->run().is_stopped());
    rig.fin(1);
    EXPECT_EQ(rig.scheduler->run().sched_error_code(), pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED);
}

/// Does a FIN without conditions end while another thread holds the wait list's lock?
template <class Completion>
bool passes_a_held_lock() {
    Rig<Completion> rig;
    EXPECT_TRUE(rig.scheduler->wait_list().try_lock());
    std::atomic<bool> is_over = false;
    std::thread thread([&] {
        rig.fin(0);
        is_over.store(true);
    });
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    while (!is_over.load() && std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    const bool has_passed = is_over.load();
    rig.scheduler->wait_list().unlock();
    thread.join();
    return has_passed;
}

TEST(BaselineTest, a_fin_waits_for_the_lock_and_the_products_does_not) {
    EXPECT_FALSE(passes_a_held_lock<Baseline>());
    EXPECT_TRUE(passes_a_held_lock<Product>());
}

}  // namespace
}  // namespace mailproof::test
