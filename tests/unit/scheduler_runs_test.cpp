// Runs that are large in some way: more messages than the mailbox holds, from one thread and from
// all at once, a million tasks through one window, and several runs on one scheduler.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "sim/graph_run.h"
#include "src/platforms.h"
#include "tests/unit/rings.h"
#include "tests/unit/sanitized.h"
#include "tests/unit/scheduler_rig.h"

namespace mailproof::test {
namespace {

using pto::sim::Graph;
using pto::sim::GraphResult;
using pto::sim::GraphRun;
using pto::sim::GraphStep;
using pto::sim::GraphTask;
using pto::sim::Machine;
using pto::sim::TimeMode;

template <class Platform>
class SchedulerRunTest : public ::testing::Test {};
using Platforms = pto::Platforms::Into<::testing::Types>;
TYPED_TEST_SUITE(SchedulerRunTest, Platforms, PlatformName);

constexpr uint32_t clusters = 64;
constexpr uint32_t cores = 3 * clusters;
/// Long enough for a thread that a busy machine holds up.
constexpr uint64_t watchdog_limit_ns = 60'000'000'000;

/// Leaves as many conditions as a slab holds, which hold already: a task whose messages have all
/// been drained can always be completed, so that no more of them wait at a time than threads push.
struct DeferringKernel final : pto::sim::Kernel {
    uint32_t counter = 1;
    std::atomic<uint32_t> runs = 0;

    uint64_t address() const { return reinterpret_cast<uintptr_t>(&counter); }
    uint64_t kernel_addr() {
        return reinterpret_cast<uintptr_t>(static_cast<pto::sim::Kernel*>(this));
    }
    void fill(pto::DeferredCompletionSlab& slab) const {
        for (uint32_t i = 0; i < pto::MAX_COMPLETIONS_PER_TASK; ++i) {
            pto::deferred_completion_slab_append(&slab, address(), 1, pto::COMPLETION_ENGINE_ROCE,
                                                 pto::COMPLETION_TYPE_COUNTER);
        }
    }
    void run(pto::sim::KernelContext& context) noexcept override {
        fill(context.slab);
        runs.fetch_add(1, std::memory_order_relaxed);
    }
};

pto::SchedulerConfig config_for(uint32_t threads) {
    pto::SchedulerConfig config = small_config(threads, 1024);
    config.watchdog_limit_ns = watchdog_limit_ns;
    return config;
}

/// Runs the scheduler's threads while `submit()` is called on this one.
template <class Scheduler, class Submit>
int32_t run_threads(Scheduler& scheduler, Submit&& submit) {
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < scheduler.thread_count(); ++i) {
        threads.emplace_back([&scheduler, i] { scheduler.run_thread(i); });
    }
    submit();
    scheduler.submission().finish();
    for (std::thread& thread : threads) {
        thread.join();
    }
    return scheduler.finish_run();
}

// ----- more than 4096 messages ----------------------------------------------------------------

TEST(FullMailboxRunTest, one_thread_gets_more_messages_in_a_turn_than_the_mailbox_holds) {
    SchedulerRig rig(config_for(1), clusters);
    const DeferringKernel kernel;
    for (uint32_t i = 0; i < cores; ++i) {
        rig.submit(i < clusters ? aic : aiv0);
    }
    rig.step();
    for (uint32_t core = 0; core < cores; ++core) {
        ASSERT_EQ(rig.cores.dispatches(core), 1u);
        kernel.fill(rig.cores.cores[core].slabs[0]);
        rig.cores.fin(core);
    }
    // A registration of 33 slots from each core: one does not fit, and the thread drains the ring.
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.scheduler.run().status(), 0);
    EXPECT_EQ(rig.completed(), cores);
    EXPECT_EQ(rig.scheduler.wait_list().mpsc_skipped_count, 1u);
    rig.scheduler.submission().finish();
    rig.wait();
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(FullMailboxRunTest, a_task_of_many_subtasks_fills_it_too_and_its_65th_condition_is_an_error) {
    SchedulerRig rig(config_for(1), clusters);
    const DeferringKernel kernel;
    const pto::PTO2TaskId task = rig.submit(7, {}, clusters);
    rig.step();
    for (uint32_t core = 0; core < cores; ++core) {
        kernel.fill(rig.cores.cores[core].slabs[0]);
        rig.cores.fin(core);
    }
    rig.step();
    EXPECT_EQ(rig.scheduler.run().status(), -103);
    EXPECT_EQ(rig.slot(task).completed_subtasks, 64) << "those before the ring was full";
    EXPECT_EQ(rig.completed(), 0u);
}

TYPED_TEST(SchedulerRunTest, all_threads_push_into_a_full_mailbox_at_once_and_get_on) {
    constexpr uint32_t threads = 3;
    constexpr uint32_t tasks = 400;
    DeferringKernel kernel;
    Machine machine({.time = TimeMode::REAL, .cluster_count = clusters});
    using Scheduler = pto::Scheduler<TypeParam>;
    const auto scheduler = std::make_unique<Scheduler>(machine.rank(0), config_for(threads));
    // No thread can drain before the lock is given back. Until then the ring fills up, and every
    // thread that sees a FIN waits for room in it.
    auto& list = scheduler->wait_list();
    ASSERT_TRUE(list.try_lock());
    const int32_t status = run_threads(*scheduler, [&] {
        for (uint32_t i = 0; i < tasks; ++i) {
            const auto result = scheduler->submission().submit_task(
                {.active_mask = i % 3 == 0 ? aic : aiv0, .kernel_addr = kernel.kernel_addr()});
            ASSERT_EQ(result.error_code, 0);
        }
        while (list.mpsc_skipped_count < 100) {
            std::this_thread::yield();
        }
        EXPECT_EQ(scheduler->mailbox().head - scheduler->mailbox().tail, 4096u);
        list.unlock();
    });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(scheduler->completion().completed(), tasks);
    EXPECT_EQ(kernel.runs, tasks);
    EXPECT_GE(list.mpsc_skipped_count, 100u);
    EXPECT_TRUE(scheduler->is_clean());
}

TYPED_TEST(SchedulerRunTest, threads_at_a_full_mailbox_leave_when_the_run_is_stopped) {
    DeferringKernel kernel;
    Machine machine({.time = TimeMode::REAL, .cluster_count = clusters});
    using Scheduler = pto::Scheduler<TypeParam>;
    const auto scheduler = std::make_unique<Scheduler>(machine.rank(0), config_for(3));
    auto& list = scheduler->wait_list();
    ASSERT_TRUE(list.try_lock());
    const int32_t status = run_threads(*scheduler, [&] {
        for (uint32_t i = 0; i < cores; ++i) {
            scheduler->submission().submit_task(
                {.active_mask = i % 3 == 0 ? aic : aiv0, .kernel_addr = kernel.kernel_addr()});
        }
        while (list.mpsc_skipped_count < 100) {
            std::this_thread::yield();
        }
        scheduler->run().latch_error(-9);
    });
    EXPECT_EQ(status, -9);
    EXPECT_EQ(scheduler->completion().completed(), 0u);
    list.unlock();
    machine.rank(0).clear();
}

/// A wide graph of tasks with conditions, on a mailbox of a few slots: threads meet a full one all
/// the time. Not more tasks than may wait at once.
TYPED_TEST(SchedulerRunTest, a_tiny_mailbox_serves_any_graph) {
    Graph graph;
    graph.watchdog_limit_ns = watchdog_limit_ns;
    graph.window = 64;
    graph.dependency_capacity = 256;
    graph.thread_count = 3;
    for (uint32_t i = 0; i < 60; ++i) {
        GraphTask task{.cores = static_cast<uint8_t>(i % 7 + 1), .block_num = 2, .conditions = 5};
        if (i >= 20) {
            task.after = {i - 20, i - 13};
        }
        graph.tasks.push_back(task);
    }
    for (int round = 0; round < 10; ++round) {
        Machine machine({.time = TimeMode::REAL, .cluster_count = graph.cluster_count});
        const GraphResult result = GraphRun<WithRingOf<TypeParam, 4>>(graph, machine).run();
        EXPECT_TRUE(result.is_good()) << result.status << " " << result.problem;
        EXPECT_GT(result.mpsc_skipped_count, 0u);
    }
}

// ----- many tasks -----------------------------------------------------------------------------

/// Tasks in scopes of a quarter of the window: chains next to one another, which cross now and
/// then, a dummy here and a few blocks more there.
Graph long_graph(uint32_t tasks) {
    constexpr uint32_t chains = 16;
    Graph graph;
    graph.watchdog_limit_ns = watchdog_limit_ns;
    graph.tasks.reserve(tasks);
    graph.steps.reserve(tasks + tasks / 1000);
    const uint32_t per_scope = graph.window / 4;
    for (uint32_t i = 0; i < tasks; ++i) {
        if (i % per_scope == 0) {
            if (i != 0) {
                graph.steps.push_back(GraphStep::END_SCOPE);
            }
            graph.steps.push_back(GraphStep::BEGIN_SCOPE);
        }
        GraphTask task{.cores = i % 5 == 0 ? aic : aiv0};
        if (i >= chains) {
            task.after = {i - chains};
        }
        if (i % 64 == 63) {
            task.after.push_back(i - 1);
            task.block_num = 3;
        }
        if (i % 50 == 49) {
            task.cores = 0;
        }
        graph.tasks.push_back(task);
        graph.steps.push_back(GraphStep::TASK);
    }
    return graph;
}

// A million tasks through a window of 16384: every slot is used 61 times. Where the code is slow,
// under a sanitizer or without optimisation, a tenth: every slot is still used 6 times, each time
// after the watermark has passed its last task, and the tasks' numbers pass 2^16.
TEST(LongRunTest, many_times_a_windows_tasks_go_through_it_alone) {
    constexpr uint32_t tasks = is_sanitized || !is_optimised ? 100'000 : 1'000'000;
    Graph graph = long_graph(tasks);
    graph.thread_count = 1;
    Machine machine({.time = TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
    const GraphResult result = GraphRun<pto::a2a3::Platform>(graph, machine).run_on_this_thread();
    EXPECT_TRUE(result.is_good()) << result.status << " " << result.problem;
    EXPECT_EQ(result.completed, tasks);
    EXPECT_EQ(result.mpsc_skipped_count, 0u);
}

// Fewer, because each turn of a chain takes the operating system's time, and on a busy machine that
// is a thousand times the scheduler's.
TEST(LongRunTest, thousands_of_tasks_go_through_one_window_on_threads) {
    constexpr uint32_t tasks = is_sanitized ? 17'000 : 30'000;
    const Graph graph = long_graph(tasks);
    Machine machine({.time = TimeMode::REAL, .cluster_count = graph.cluster_count});
    const GraphResult result = GraphRun<pto::a5::Platform>(graph, machine).run();
    EXPECT_TRUE(result.is_good()) << result.status << " " << result.problem;
    EXPECT_EQ(result.completed, tasks);
}

// ----- one scheduler, several runs ------------------------------------------------------------

TYPED_TEST(SchedulerRunTest, a_scheduler_runs_again_and_again) {
    DeferringKernel kernel;
    Machine machine({.time = TimeMode::REAL, .cluster_count = 2});
    using Scheduler = pto::Scheduler<TypeParam>;
    const auto scheduler = std::make_unique<Scheduler>(machine.rank(0), config_for(2));
    uint64_t first_task = (uint64_t{1} << 32) - 60;
    uint32_t expected_runs = 0;
    for (uint32_t run = 0; run < 6; ++run) {
        scheduler->reset_for_reuse(first_task);
        const uint32_t tasks = 1 + 20 * run;
        const int32_t status = run_threads(*scheduler, [&] {
            std::vector<pto::PTO2TaskId> last;
            for (uint32_t i = 0; i < tasks; ++i) {
                const auto result =
                    scheduler->submission().submit_task({.active_mask = i % 2 == 0 ? aic : aiv1,
                                                         .kernel_addr = kernel.kernel_addr(),
                                                         .dependencies = last});
                ASSERT_EQ(result.error_code, 0);
                last = {result.task_id};
            }
        });
        expected_runs += tasks;
        first_task += tasks;
        ASSERT_EQ(status, 0) << run;
        ASSERT_TRUE(scheduler->is_clean()) << run;
        ASSERT_EQ(scheduler->completion().completed(), tasks) << run;
        ASSERT_EQ(kernel.runs, expected_runs) << run;
    }
}

}  // namespace
}  // namespace mailproof::test
