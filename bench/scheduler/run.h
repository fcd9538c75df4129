// One run of a graph on one scheduler: what it costs in processor time, and whether it was right.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

#include "bench/mailbox/threads.h"
#include "bench/scheduler/graph.h"
#include "bench/scheduler/instant_cores.h"
#include "bench/scheduler/ledger.h"
#include "src/a2a3/platform.h"
#include "src/runtime/scheduler.h"

namespace bench {

using Platform = pto::a2a3::Platform;

/// Small rings, so that the first tasks of a run cost what the last ones do: a run of a thousand
/// tasks goes through all of their memory, like a run of a million.
inline constexpr uint32_t window = 1024;
inline constexpr uint32_t ring_count = 2;

inline pto::SchedulerConfig config_for(uint32_t threads) {
    pto::SchedulerConfig config;
    config.thread_count = threads;
    config.ring_count = ring_count;
    config.window = window;
    config.dependency_capacity = 4 * window;
    config.ready_queue_capacity = uint64_t{window} * ring_count;
    return config;
}

/// Processor time of the calling thread.
inline double thread_cpu_ns() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct RunResult {
    double ns_per_task = 0;
    const char* problem = nullptr;  ///< what is wrong, or null
};

/// A scheduler and its cores, which run one graph after another.
template <class Completion>
class Subject {
  public:
    using Scheduler = pto::Scheduler<Platform, Completion>;

    explicit Subject(uint32_t threads)
        : cores_(Platform::block_dim_max, threads),
          scheduler_(std::make_unique<Scheduler>(cores_, config_for(threads))) {}

    /// Runs the graph on the calling thread alone, which submits and takes a turn of the
    /// scheduler's loop after every few tasks.
    RunResult run_alone(const Graph& graph, Ledger* ledger = nullptr) {
        cores_.begin(graph.engine_reads, ledger);
        auto& dispatch = scheduler_->dispatch();
        auto& thread = scheduler_->thread(0);
        const auto turn = [&] {
            if (!dispatch.step(thread)) {
                dispatch.wait(thread);
            }
        };
        const double start = thread_cpu_ns();
        submit(
            graph,
            [&](const pto::TaskSpec& spec) {
                auto result = scheduler_->submission().try_submit_task(spec);
                while (result.error_code == pto::PTO2_ERROR_NONE && !result.task_id.is_valid()) {
                    turn();
                    result = scheduler_->submission().try_submit_task(spec);
                }
                return result;
            },
            turn);
        dispatch.run(thread);
        return finish(graph, thread_cpu_ns() - start, ledger);
    }

    /// Runs it on as many threads as the scheduler has; the calling one submits. The time is that
    /// of the scheduler's threads.
    RunResult run_on_threads(const Graph& graph, Ledger* ledger = nullptr) {
        cores_.begin(graph.engine_reads, ledger);
        cores_.set_yields(true);
        const uint32_t count = scheduler_->thread_count();
        StartingGate gate(count + 1);
        std::vector<double> times(count);
        std::vector<std::thread> threads;
        for (uint32_t i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                gate.arrive_and_wait();
                const double start = thread_cpu_ns();
                scheduler_->run_thread(i);
                times[i] = thread_cpu_ns() - start;
            });
        }
        gate.arrive_and_wait();
        submit(
            graph,
            [this](const pto::TaskSpec& spec) {
                return scheduler_->submission().submit_task(spec);
            },
            [] {});
        double sum = 0;
        for (uint32_t i = 0; i < count; ++i) {
            threads[i].join();
            sum += times[i];
        }
        return finish(graph, sum, ledger);
    }

  private:
    /// Turns of the loop are taken after this many tasks.
    static constexpr uint64_t tasks_per_turn = 16;

    template <class SubmitTask, class Turn>
    void submit(const Graph& graph, SubmitTask&& submit_task, Turn&& turn) {
        std::array<pto::PTO2TaskId, pattern_tasks_max> producers;
        for (uint64_t number = 0; number < graph.task_count; ++number) {
            if (number % graph.pattern.size() == 0) {
                scheduler_->submission().end_scope();
                scheduler_->submission().begin_scope();
            }
            size_t count = 0;
            graph.for_each_producer(number, [&](uint64_t producer) {
                producers[count++] = pto::PTO2TaskId::make(0, static_cast<uint32_t>(producer));
            });
            const PatternTask& task = graph.task(number);
            const auto result = submit_task({.active_mask = task.cores,
                                             .block_num = task.block_num,
                                             .kernel_addr = task.conditions,
                                             .args_addr = number,
                                             .dependencies = {producers.data(), count}});
            if (result.error_code != pto::PTO2_ERROR_NONE) {
                scheduler_->run().latch_error(result.error_code);
                break;
            }
            if (number % tasks_per_turn == 0) {
                turn();
            }
        }
        scheduler_->submission().finish();
    }

    RunResult finish(const Graph& graph, double cpu_ns, const Ledger* ledger) {
        const int32_t status = scheduler_->finish_run();
        RunResult result{cpu_ns / static_cast<double>(graph.task_count), nullptr};
        // Relaxed: the threads have ended.
        if (scheduler_->wait_list().mpsc_skipped_count.load(std::memory_order_relaxed) != 0) {
            result.problem = "mpsc_skipped_count is not 0";
        } else if (status != 0) {
            result.problem = "the run ended with an error";
        } else if (scheduler_->completion().completed() != graph.task_count) {
            result.problem = "not every task completed exactly once";
        } else if (!scheduler_->is_clean()) {
            result.problem = "something is left in the scheduler";
        } else if (ledger != nullptr) {
            result.problem = ledger->problem();
        }
        scheduler_->reset_for_reuse();
        return result;
    }

    InstantCores cores_;
    const std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace bench
