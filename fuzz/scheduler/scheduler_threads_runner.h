// Runs a graph schedule on the real scheduler with pooled threads: one submits, one or more are
// scheduler threads, and one plays the cores and engines of the simulated machine. Judges nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/per_platform_choice.h"
#include "fuzz/kit/thread_pool.h"
#include "fuzz/scheduler/scheduler_threads_history.h"
#include "fuzz/scheduler/scheduler_threads_schedule.h"
#include "sim/graph_run.h"

namespace fuzz {

/// The schedulers of one platform, one of each shape, kept and reset from run to run.
template <class Platform>
class GraphBenches {
  public:
    void run(const SchedulerThreadsSchedule& schedule, ThreadPool& pool,
             SchedulerThreadsHistory& history) {
        benches_.resize(SchedulerThreadsSchedule::shapes().size());
        auto& bench = benches_[schedule.shape];
        if (bench == nullptr) {
            bench = std::make_unique<Bench>(schedule.graph);
        }
        bench->run(schedule.graph, pool, history);
    }

  private:
    using Run = pto::sim::GraphRun<Platform>;

    struct Bench {
        explicit Bench(const pto::sim::Graph& graph)
            : machine({.cluster_count = graph.cluster_count, .worker_count = 0}),
              scheduler(machine.rank(0), Run::config_of(graph)) {}

        void run(const pto::sim::Graph& graph, ThreadPool& pool, SchedulerThreadsHistory& history) {
            scheduler.reset_for_reuse();
            Run graph_run(graph, machine, scheduler);
            const uint32_t threads = scheduler.thread_count();
            std::atomic<uint32_t> at_work = threads;
            const auto diagnose = [this] {
                const pto::sim::CacheModel::Use use(machine.rank(0).caches());
                return scheduler.diagnose().text();
            };
            const DescribedHang described(diagnose);
            graph_run.begin();
            pool.run(threads + 2, [&](uint32_t index) {
                if (index == 0) {
                    graph_run.submit_all();
                } else if (index <= threads) {
                    graph_run.run_thread(index - 1);
                    // Relaxed: the end of the pool's run orders what follows.
                    at_work.fetch_sub(1, std::memory_order_relaxed);
                } else {
                    play(at_work);
                }
            });
            history.result = graph_run.finish();
        }

        void play(const std::atomic<uint32_t>& at_work) {
            while (at_work.load(std::memory_order_relaxed) != 0) {
                if (!machine.play()) {
                    std::this_thread::yield();
                }
            }
        }

        pto::sim::Machine machine;
        typename Run::Scheduler scheduler;
    };

    std::vector<std::unique_ptr<Bench>> benches_;
};

/// Runs graph schedules of all platforms and mailbox sizes. One caller at a time.
class SchedulerThreadsRunner {
  public:
    using Schedule = SchedulerThreadsSchedule;
    using History = SchedulerThreadsHistory;

    void run(const SchedulerThreadsSchedule& schedule, SchedulerThreadsHistory& history) {
        benches_.at(schedule.platform,
                    [&](auto& benches) { benches.run(schedule, pool_, history); });
    }

  private:
    ThreadPool pool_;
    PerPlatformChoice<GraphBenches> benches_;
};

}  // namespace fuzz
