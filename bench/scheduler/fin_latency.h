// How long a FIN takes while another thread polls a long list of conditions that do not hold.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "bench/mailbox/threads.h"
#include "bench/scheduler/instant_cores.h"
#include "bench/scheduler/run.h"

namespace bench {

struct FinLatency {
    std::vector<uint32_t> samples_ns;
    const char* problem = nullptr;
};

/// A scheduler with two threads, of which one polls and the other handles FINs.
template <class Completion>
class FinLatencyRig {
  public:
    /// All that may wait, but for the task whose FIN is timed.
    static constexpr int32_t waiting_tasks = pto::MAX_ASYNC_WAITS - 1;

    explicit FinLatencyRig(uint32_t conditions)
        : conditions_(conditions),
          cores_(2, 2),
          scheduler_(std::make_unique<Scheduler>(cores_, config_for(2))),
          tasks_(std::make_unique<Task[]>(waiting_tasks + 1)) {}

    /// Times up to `count` FINs of tasks with one subtask.
    FinLatency measure(uint32_t count, std::chrono::milliseconds time_max) {
        fill_list();
        FinLatency result;
        result.samples_ns.reserve(count);
        std::atomic<bool> stop = false;
        StartingGate gate(2);
        std::thread poller([&] { poll(gate, stop); });
        const PinnedTo processor(1);
        gate.arrive_and_wait();
        const auto end = Clock::now() + time_max;
        while (result.samples_ns.size() < count && Clock::now() < end) {
            result.samples_ns.push_back(time_fin());
        }
        // Relaxed: the flag carries nothing.
        stop.store(true, std::memory_order_relaxed);
        poller.join();
        result.problem = find_problem(result.samples_ns.size());
        return result;
    }

  private:
    using Scheduler = pto::Scheduler<Platform, Completion>;
    using Slot = typename Scheduler::Ring::Slot;

    /// A task that belongs to no ring's order, and is never consumed: its scope holds it.
    struct Task {
        Slot slot;
        pto::TaskPayload<Platform> payload;
        pto::DeferredCompletionSlab slab;
    };

    Task& timed_task() { return tasks_[waiting_tasks]; }

    void prepare(uint32_t number, uint32_t conditions, uint32_t expected) {
        Task& task = tasks_[number];
        task.payload = {};
        task.payload.descriptor.task_id = pto::PTO2TaskId::make(0, number);
        task.slot.reset_for_reuse();
        task.slot.payload = &task.payload;
        task.slot.task = &task.payload.descriptor;
        task.slot.total_required_subtasks = 1;
        task.slab.error_code = pto::PTO2_ERROR_NONE;
        task.slab.count = conditions;
        for (uint32_t i = 0; i < conditions; ++i) {
            task.slab.entries[i] = {
                reinterpret_cast<uintptr_t>(&word_), 0, expected, pto::COMPLETION_ENGINE_ROCE,
                pto::COMPLETION_TYPE_COUNTER,        0};
        }
    }

    void fill_list() {
        auto& completion = scheduler_->completion();
        auto& thread = scheduler_->thread(0);
        for (uint32_t i = 0; i < waiting_tasks; ++i) {
            prepare(i, pto::MAX_COMPLETIONS_PER_TASK, /*expected=*/1);
            completion.complete_slot_task(tasks_[i].slot, tasks_[i].slab, thread);
            completion.poll_conditions(thread);
        }
    }

    void poll(StartingGate& gate, const std::atomic<bool>& stop) {
        const PinnedTo processor(0);
        auto& thread = scheduler_->thread(0);
        gate.arrive_and_wait();
        while (!stop.load(std::memory_order_relaxed)) {
            scheduler_->dispatch().step(thread);
            scheduler_->completion().flush_releases(thread);
        }
    }

    uint32_t time_fin() {
        prepare(waiting_tasks, conditions_, /*expected=*/0);
        Task& task = timed_task();
        auto& thread = scheduler_->thread(1);
        const auto start = Clock::now();
        scheduler_->completion().complete_slot_task(task.slot, task.slab, thread);
        const auto end = Clock::now();
        scheduler_->completion().flush_releases(thread);
        await_release(task.slot);
        return static_cast<uint32_t>(
            std::chrono::duration_cast<std::chrono::nanoseconds>(end - start).count());
    }

    /// Until the task has given its own hold back: only then is its slot ours again.
    void await_release(Slot& slot) {
        for (;;) {
            slot.lock_fanout();
            // Relaxed: used under the lock only.
            const bool is_released = slot.fanout_refcount.load(std::memory_order_relaxed) != 0;
            slot.unlock_fanout();
            if (is_released || scheduler_->run().is_stopped()) {
                return;
            }
            pto::spin_hint();
        }
    }

    /// Lets all conditions hold, and counts who completed.
    const char* find_problem(size_t fins) {
        std::atomic_ref<uint32_t>(word_).store(1, std::memory_order_release);
        auto& thread = scheduler_->thread(0);
        scheduler_->completion().poll_conditions(thread);
        scheduler_->completion().flush_releases(thread);
        if (scheduler_->wait_list().mpsc_skipped_count.load(std::memory_order_relaxed) != 0) {
            return "mpsc_skipped_count is not 0";
        }
        if (scheduler_->finish_run() != 0) {
            return "the run ended with an error";
        }
        return scheduler_->completion().completed() == fins + waiting_tasks
                   ? nullptr
                   : "not every task completed exactly once";
    }

    const uint32_t conditions_;
    InstantCores cores_;
    const std::unique_ptr<Scheduler> scheduler_;
    const std::unique_ptr<Task[]> tasks_;
    alignas(pto::PTO2_ALIGN_SIZE) uint32_t word_ = 0;
};

/// The smallest latency that `share` of the samples do not exceed. Reorders the samples.
inline double percentile_ns(std::vector<uint32_t>& samples, double share) {
    const auto rank = static_cast<ptrdiff_t>(share * static_cast<double>(samples.size() - 1));
    std::nth_element(samples.begin(), samples.begin() + rank, samples.end());
    return samples[static_cast<size_t>(rank)];
}

}  // namespace bench
