// What happens when a subtask has finished, and when a task has: the path from a FIN to the tasks
// that may run next, and to the slots that may be used again.
//
// A task whose subtasks left no conditions completes on the thread that handles its last FIN, and
// touches neither the mailbox nor the wait list. A task that has one subtask pushes its conditions
// and that it is done as one message, a registration. Otherwise every FIN thread pushes the
// conditions of its subtask into the mailbox before it counts the subtask, and the last one pushes
// a NORMAL_DONE after: the counting chains them, so that the drain sees them in this order.
//
// A thread that meets a full mailbox drains it itself, completes what can be completed, and tries
// again: so one thread alone makes progress, and so do all of them at once. That is sound because
// the task it works for cannot complete before its subtask is counted, and because nothing that
// runs under the wait list's lock ever pushes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "completion_scheduler.h"
#include "core_interface.h"
#include "fanout.h"
#include "mailbox.h"
#include "pto_assert.h"
#include "ready_queues.h"
#include "run_state.h"
#include "scheduler_thread.h"
#include "task_ring.h"
#include "task_slot.h"
#include "wait_list.h"

namespace pto {

/// What the completion of tasks works on. All of it belongs to the scheduler that made it.
template <class Platform>
struct SchedulerParts {
    using Mailbox = AICoreCompletionMailbox<Platform::mailbox_capacity>;

    CoreInterface& cores;
    RunState& run;
    std::vector<std::unique_ptr<TaskRing<Platform>>>& rings;
    std::vector<std::unique_ptr<SchedulerThread<Platform>>>& threads;
    ReadyQueues<Platform>& queues;
    AsyncWaitList<Platform>& wait_list;
    Mailbox* mailbox;  ///< may be null: then every subtask that leaves conditions is an error
};

/// Handles FINs, polls conditions, releases tasks. Any scheduler thread may call any function, with
/// its own SchedulerThread.
template <class Platform>
class SchedulerCompletion final : public CompletionScheduler<Platform> {
  public:
    using Slot = PTO2TaskSlotState<Platform>;
    using Thread = SchedulerThread<Platform>;
    using LocalBuffer = PTO2LocalReadyBuffer<Platform>;
    using Parts = SchedulerParts<Platform>;

    explicit SchedulerCompletion(const Parts& parts) : parts_(parts) {}
    SchedulerCompletion(const SchedulerCompletion&) = delete;
    SchedulerCompletion& operator=(const SchedulerCompletion&) = delete;

    /// Handles the FIN of one subtask of `slot`, which left `slab` behind; the slab is not looked
    /// at when the slot has no payload, and belongs to the dispatcher again on return. The slot
    /// must not be touched afterwards.
    ///
    /// An error in the slab, or a count that is corrupt, ends the run, and so does a condition when
    /// there is no mailbox. Then, and when the run ends while the mailbox is full, the subtask is
    /// not counted.
    void complete_slot_task(Slot& slot, DeferredCompletionSlab& slab, Thread& thread) noexcept {
        if (slot.payload != nullptr && !register_conditions(slot, slab, thread)) {
            return;
        }
        // From here on the slot is this thread's only if its subtask is the last one.
        if (!slot.on_subtask_complete()) {
            return;
        }
        // Relaxed: the subtask that stored it happens-before here, by on_subtask_complete().
        if (slot.any_subtask_deferred.load(std::memory_order_relaxed)) {
            push_normal_done(slot, thread);
        } else {
            complete_inline(slot, thread);
        }
    }

    /// Completes a task that has nothing to wait for, on this thread.
    void complete_inline(Slot& slot, Thread& thread) noexcept {
        // Relaxed: this thread has handled the task's last subtask, or popped the dummy.
        PTO_ASSERT(slot.task_state.load(std::memory_order_relaxed) == PTO2_TASK_PENDING);
        on_mixed_task_complete(slot, &thread.ready);
        if (thread.release_count == PTO2_DEFERRED_RELEASE_CAP) {
            flush_releases(thread);
        }
        PTO_ASSERT(0 <= thread.release_count && thread.release_count < PTO2_DEFERRED_RELEASE_CAP,
                   thread.release_count);
        thread.releases[thread.release_count++] = &slot;
        thread.add_completed(1);
    }

    /// One turn as the consumer of the mailbox, unless another thread is. Returns the number of
    /// tasks that it completed; an error ends the run.
    int32_t poll_conditions(Thread& thread) noexcept {
        const AsyncPollResult<Platform> result = parts_.wait_list.template poll_and_complete<false>(
            parts_.mailbox, this, &thread.ready, thread.releases, thread.release_count,
            PTO2_DEFERRED_RELEASE_CAP);
        PTO_ASSERT(0 <= thread.release_count && thread.release_count <= PTO2_DEFERRED_RELEASE_CAP,
                   thread.release_count);
        thread.add_completed(result.completed);
        if (result.error_code != PTO2_ERROR_NONE) {
            parts_.run.latch_error(result.error_code);
        }
        return result.completed;
    }

    /// Ends the run if the wait list has met an error, in a poll of any thread.
    void check_error() noexcept {
        // Relaxed: the code is all that is read.
        const int32_t code = parts_.wait_list.error_code.load(std::memory_order_relaxed);
        if (code != PTO2_ERROR_NONE) {
            parts_.run.latch_error(code);
        }
    }

    /// Is there something that a poll could do? A hint.
    bool has_conditions() const noexcept {
        // Relaxed: a hint; the poll that follows takes the lock.
        return parts_.wait_list.count.load(std::memory_order_relaxed) > 0 ||
               (parts_.mailbox != nullptr && parts_.mailbox->has_pending());
    }

    void on_mixed_task_complete(Slot& slot, LocalBuffer* local_bufs) noexcept override {
        release_consumers(complete_and_take_consumers(slot), [this, local_bufs](Slot& consumer) {
            parts_.queues.enqueue(consumer, local_bufs);
        });
    }

    void on_task_release(Slot& slot) noexcept override {
        // Relaxed: the task's own hold keeps it from being consumed.
        PTO_ASSERT(slot.task_state.load(std::memory_order_relaxed) == PTO2_TASK_COMPLETED);
        if (slot.payload != nullptr) {
            TaskRing<Platform>& ring = *parts_.rings[slot.ring_id];
            const TaskPayload<Platform>& payload = *slot.payload;
            for (uint32_t i = 0; i < payload.dependency_count; ++i) {
                Slot* const producer = ring.dependency(payload.first_dependency + i).producer;
                if (producer != nullptr) {
                    give_back(*producer);
                }
            }
        }
        give_back(slot);
    }

    /// Gives one hold back, and tells the ring when it was the last.
    void give_back(Slot& slot) noexcept {
        // Before: the slot may be another task's as soon as its last hold is gone.
        PTO_ASSERT(slot.ring_id < parts_.rings.size(), slot.ring_id, parts_.rings.size());
        TaskRing<Platform>& ring = *parts_.rings[slot.ring_id];
        if (give_back_hold(slot)) {
            ring.task_consumed();
        }
    }

    /// Releases every task in the thread's buffer, oldest first. Returns whether there was one.
    bool flush_releases(Thread& thread) noexcept {
        PTO_ASSERT(0 <= thread.release_count && thread.release_count <= PTO2_DEFERRED_RELEASE_CAP,
                   thread.release_count);
        const bool had_some = thread.release_count != 0;
        for (int32_t i = 0; i < thread.release_count; ++i) {
            on_task_release(*thread.releases[i]);
        }
        thread.release_count = 0;
        return had_some;
    }

    /// Ends the run with PTO2_ERROR_SCHEDULER_TIMEOUT if no thread made progress for too long while
    /// there was work to do. Called by a thread that waits.
    void watch(Thread& thread) noexcept {
        const bool is_due =
            parts_.run.is_submission_finished() || parts_.run.submitted() != completed();
        if (!is_due) {
            thread.watchdog.pause();
        } else if (thread.watchdog.is_expired(progress(), parts_.cores.now_ns())) {
            parts_.run.latch_error(PTO2_ERROR_SCHEDULER_TIMEOUT);
        }
    }

    /// Tasks that all threads together have completed; never more than the true number when it
    /// returns.
    uint64_t completed() const noexcept {
        uint64_t sum = 0;
        for (const auto& thread : parts_.threads) {
            // Acquire: pairs with the release store in add_completed().
            sum += thread->completed.load(std::memory_order_acquire);
        }
        return sum;
    }

  private:
    /// Registers what the subtask left in its slab. False when the subtask is not to be counted:
    /// the run ended over it, or it was the task's only one, and its registration tells all.
    bool register_conditions(Slot& slot, DeferredCompletionSlab& slab, Thread& thread) noexcept {
        // The core has written it.
        Platform::cache_invalidate_range(&slab, offsetof(DeferredCompletionSlab, entries));
        const uint32_t count = slab.count;
        const int32_t error = slab_error(slab.error_code, count);
        if (error != PTO2_ERROR_NONE) {
            parts_.run.latch_error(error);
            return false;
        }
        if (count == 0) {
            return true;
        }
        Platform::cache_invalidate_range(slab.entries, count * sizeof slab.entries[0]);
        const bool is_registered = register_task(slot, slab.entries, count);
        if (!is_registered) {
            // Relaxed: on_subtask_complete() passes it on to the thread that reads it.
            slot.any_subtask_deferred.store(true, std::memory_order_relaxed);
            if (!push_conditions(slot.task->task_id, slab.entries, count, thread)) {
                return false;
            }
        }
        slab.count = 0;
        return !is_registered;
    }

    /// Registers a task whose only subtask is FIN, with all its conditions, in one message. False,
    /// with no effect, when it has other subtasks or the mailbox has no room for the message. The
    /// slot must not be touched after a true. Its subtask is not counted, since no other thread has
    /// to know.
    bool register_task(Slot& slot, const DeferredCompletionEntry* entries,
                       uint32_t count) noexcept {
        return slot.total_required_subtasks == 1 &&
               parts_.mailbox->try_push_registration(
                   slot.task->task_id, reinterpret_cast<uintptr_t>(&slot), entries, count);
    }

    int32_t slab_error(int32_t error_code, uint32_t count) const noexcept {
        if (error_code != PTO2_ERROR_NONE) {
            return error_code;
        }
        const bool is_registrable =
            count == 0 || (count <= MAX_COMPLETIONS_PER_TASK && parts_.mailbox != nullptr);
        return is_registrable ? PTO2_ERROR_NONE : PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
    }

    bool push_conditions(PTO2TaskId token, const DeferredCompletionEntry* entries, uint32_t n,
                         Thread& thread) noexcept {
        PTO_ASSERT(0 < n && n <= MAX_COMPLETIONS_PER_TASK, n);
        uint32_t pushed = 0;
        return push_or_help(thread, [&] {
            pushed += parts_.mailbox->try_push_conditions(token, entries + pushed, n - pushed);
            PTO_ASSERT(pushed <= n, pushed, n);
            return pushed == n;
        });
    }

    void push_normal_done(Slot& slot, Thread& thread) noexcept {
        const PTO2TaskId token = slot.task->task_id;
        const uint64_t address = reinterpret_cast<uintptr_t>(&slot);
        push_or_help(thread, [&] { return parts_.mailbox->try_push_normal_done(token, address); });
    }

    /// Calls `push` until it succeeds, and helps to drain the mailbox in between. False when the
    /// run ended first.
    template <class Push>
    bool push_or_help(Thread& thread, Push&& push) noexcept {
        while (!push()) {
            // Relaxed: statistics.
            parts_.wait_list.mpsc_skipped_count.fetch_add(1, std::memory_order_relaxed);
            if (parts_.run.is_stopped()) {
                return false;
            }
            poll_conditions(thread);
            if (parts_.run.is_stopped()) {
                return false;
            }
            thread.show_releases();
            watch(thread);
            parts_.cores.idle(thread.index);
        }
        return true;
    }

    /// A number that changes when any thread makes progress: each part only grows.
    uint64_t progress() const noexcept {
        // Relaxed, as all that follows: hints.
        uint64_t sum = completed() + parts_.run.submitted() +
                       parts_.wait_list.satisfied_count.load(std::memory_order_relaxed);
        for (const auto& thread : parts_.threads) {
            sum += thread->progress.load(std::memory_order_relaxed);
        }
        return parts_.mailbox == nullptr
                   ? sum
                   : sum + parts_.mailbox->tail.load(std::memory_order_relaxed);
    }

    const Parts parts_;
};

}  // namespace pto
