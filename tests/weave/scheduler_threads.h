// The product's wait list with a mailbox of 4 slots, and threads that use both like the product's
// scheduler.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <thread>

#include <mailbox.h>
#include <run_state.h>
#include <task_slot.h>
#include <wait_list.h>

namespace explored {

/// A platform whose mailbox is often full.
struct Platform {
    static constexpr uint32_t mailbox_capacity = 4;
    template <class Self>
    static constexpr pto::CompletionBackendOps<Self> completion_backends[] = {
        pto::counter_backend<Self>, pto::event_record_backend<Self>};

    static void cache_invalidate_range(const void*, size_t) noexcept {}
    static void cache_flush_range(const void*, size_t) noexcept {}
};

using Scheduler = pto::CompletionScheduler<Platform>;
using Slot = pto::PTO2TaskSlotState<Platform>;
using LocalBuffer = pto::PTO2LocalReadyBuffer<Platform>;
using WaitList = pto::AsyncWaitList<Platform>;
using Mailbox = WaitList::Mailbox;

// A global, as it is too large to construct in every execution; weave resets it to zero bytes,
// which are an empty list.
constinit inline WaitList wait_list{};

/// The state that the threads of a run share, besides the wait list.
struct Run {
    // Close to the wrap of a 64-bit ticket, which then happens during the run.
    static constexpr uint64_t first_ticket = ~uint64_t{0} - 2;

    Run() { mailbox.reset(first_ticket); }

    Mailbox mailbox;
    pto::RunState state;
    std::atomic<int32_t> completed = 0;
};

template <class T>
uint64_t address_of(T& object) {
    return reinterpret_cast<uintptr_t>(&object);
}

/// The state of one scheduler thread; used by that thread only.
class SchedulerThread {
  public:
    SchedulerThread(Run& run, Scheduler& scheduler) : run_(run), scheduler_(scheduler) {}
    SchedulerThread(const SchedulerThread&) = delete;
    SchedulerThread& operator=(const SchedulerThread&) = delete;
    ~SchedulerThread() {
        for (int32_t i = 0; i < release_count_; ++i) {
            scheduler_.on_task_release(*releases_[i]);
        }
    }

    /// Polls as the consumer, unless another thread does. Errors are sticky, and the first one
    /// wins.
    WaitList::PollResult poll() {
        const WaitList::PollResult result = wait_list.poll_and_complete<true>(
            &run_.mailbox, &scheduler_, nullptr, releases_, release_count_, release_capacity);
        assert(release_count_ <= release_capacity);
        assert(error_seen_ == 0 || result.completed == 0);
        run_.completed.fetch_add(result.completed, std::memory_order_relaxed);
        if (result.error_code != 0) {
            assert(error_seen_ == 0 || error_seen_ == result.error_code);
            error_seen_ = result.error_code;
            run_.state.latch_error(result.error_code);
            assert(run_.state.sched_error_code() == result.error_code);
        }
        return result;
    }

    /// Returns true if there is anything to poll for; does not take the lock.
    bool is_poll_due() const {
        const int32_t waiting = wait_list.count.load(std::memory_order_relaxed);
        assert(waiting >= 0 && waiting <= pto::MAX_ASYNC_WAITS);
        return waiting > 0 || run_.mailbox.has_pending();
    }

    /// Pushes until it succeeds, polling when the ring is full. Returns false if the run has ended.
    template <class Push>
    bool push(Push try_push) {
        while (!try_push()) {
            wait_list.mpsc_skipped_count.fetch_add(1, std::memory_order_relaxed);
            if (run_.state.is_stopped()) {
                return false;
            }
            poll();
            std::this_thread::yield();
        }
        return true;
    }

    bool push_condition(pto::PTO2TaskId token, const pto::DeferredCompletionEntry& condition) {
        return push([&] {
            return run_.mailbox.try_push_condition(token, condition.addr, condition.backend_cookie,
                                                   condition.expected_value, condition.engine,
                                                   condition.completion_type);
        });
    }

    bool push_conditions(pto::PTO2TaskId token, const pto::DeferredCompletionEntry* conditions,
                         uint32_t count) {
        return push([&] {
            const uint32_t pushed = run_.mailbox.try_push_conditions(token, conditions, count);
            conditions += pushed;
            count -= pushed;
            return count == 0;
        });
    }

    /// A whole task of one subtask.
    bool push_registration(Slot& slot, const pto::DeferredCompletionEntry* conditions,
                           uint32_t count) {
        return push([&] {
            return run_.mailbox.try_push_registration(slot.task->task_id, address_of(slot),
                                                      conditions, count);
        });
    }

    bool push_normal_done(pto::PTO2TaskId token, uint64_t slot) {
        return push([&] { return run_.mailbox.try_push_normal_done(token, slot); });
    }

    /// Counts a finished subtask; the thread that counts the last one reports the task as done.
    bool finish_subtask(Slot& slot) {
        return !slot.on_subtask_complete() ||
               push_normal_done(slot.task->task_id, address_of(slot));
    }

  private:
    static constexpr int32_t release_capacity = 1;

    Run& run_;
    Scheduler& scheduler_;
    Slot* releases_[release_capacity] = {};
    int32_t release_count_ = 0;
    int32_t error_seen_ = 0;
};

}  // namespace explored
