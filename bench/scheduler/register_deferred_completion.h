// The scheduler as it was before the mailbox, kept for measurement: every FIN takes the wait list's
// lock, whether or not its subtask registered conditions, and tries again for as long as a poll
// has it. The poll, and all that does not concern a FIN, is the product's.
#pragma once

#include <atomic>
#include <cstdint>

#include "bench/scheduler/wrapped_completion.h"
#include "src/runtime/spin_hint.h"

namespace bench {

/// A completion for Scheduler<Platform, RegisterDeferredCompletion<Platform>>.
template <class Platform>
class RegisterDeferredCompletion final : public WrappedCompletion<Platform> {
    using Base = WrappedCompletion<Platform>;
    using Base::parts_;
    using Base::product_;

  public:
    using typename Base::Slot;
    using typename Base::Thread;

    using Base::Base;

    /// As SchedulerCompletion::complete_slot_task().
    void complete_slot_task(Slot& slot, pto::DeferredCompletionSlab& slab,
                            Thread& thread) noexcept {
        uint32_t count = 0;
        if (slot.payload != nullptr) {
            count = slab.count;
            const int32_t error = slab_error(slab.error_code, count);
            if (error != pto::PTO2_ERROR_NONE) {
                parts_.run.latch_error(error);
                return;
            }
        }
        switch (register_when_free(slot, slab, count, thread)) {
            case Registration::NOT_DEFERRED:
                product_.complete_inline(slot, thread);
                break;
            case Registration::DEFERRED:
                slab.count = 0;
                break;
            case Registration::WAITING:
            case Registration::STOPPED:
            case Registration::LIST_FULL:
                break;
        }
    }

    /// True if a poll may have work to do. A hint.
    bool has_conditions() const noexcept {
        // Relaxed: a hint; the poll that follows takes the lock.
        return parts_.wait_list.count.load(std::memory_order_relaxed) > 0;
    }

  private:
    using WaitList = pto::AsyncWaitList<Platform>;
    using Entry = typename WaitList::Entry;

    enum class Registration : uint8_t {
        NOT_DEFERRED,  ///< the task's last FIN, and nothing to wait for
        WAITING,       ///< other FINs have to come first, this one left nothing
        DEFERRED,      ///< conditions were registered, or the task has some
        LIST_FULL,     ///< nothing was registered or counted
        STOPPED,       ///< the run has ended
    };

    static int32_t slab_error(int32_t error_code, uint32_t count) noexcept {
        if (error_code != pto::PTO2_ERROR_NONE) {
            return error_code;
        }
        return count <= pto::MAX_COMPLETIONS_PER_TASK ? pto::PTO2_ERROR_NONE
                                                      : pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
    }

    /// Registers once it has the lock. A full list is polled once; a second time is an error.
    Registration register_when_free(Slot& slot, const pto::DeferredCompletionSlab& slab,
                                    uint32_t count, Thread& thread) noexcept {
        for (bool has_polled = false;; has_polled = true) {
            if (!lock()) {
                return Registration::STOPPED;
            }
            const Registration result = register_locked(slot, slab, count);
            parts_.wait_list.unlock();
            if (result != Registration::LIST_FULL) {
                return result;
            }
            if (has_polled) {
                parts_.run.latch_error(pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW);
                return result;
            }
            product_.poll_conditions(thread);
        }
    }

    /// Spins until the lock is free. False when the run ended first.
    bool lock() noexcept {
        while (!parts_.wait_list.try_lock()) {
            if (parts_.run.is_stopped()) {
                return false;
            }
            pto::spin_hint();
        }
        return true;
    }

    /// Registers what the subtask left, and counts the subtask: under one lock, so that the task's
    /// last FIN finds the conditions of all.
    Registration register_locked(Slot& slot, const pto::DeferredCompletionSlab& slab,
                                 uint32_t count) noexcept {
        WaitList& list = parts_.wait_list;
        const pto::PTO2TaskId token = slot.task->task_id;
        Entry* entry = list.find_entry_by_token(token);
        if (count != 0) {
            if (entry == nullptr) {
                entry = add_entry(token);
            }
            if (entry == nullptr) {
                return Registration::LIST_FULL;
            }
            if (!add_conditions(*entry, slab, count)) {
                parts_.run.latch_error(pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED);
                return Registration::STOPPED;
            }
        }
        const bool is_last = slot.on_subtask_complete();
        if (entry == nullptr) {
            return is_last ? Registration::NOT_DEFERRED : Registration::WAITING;
        }
        if (is_last) {
            entry->slot_state = &slot;
            entry->normal_done = true;
        }
        return Registration::DEFERRED;
    }

    /// An empty entry at the end of the list, or null when the list is full.
    Entry* add_entry(pto::PTO2TaskId token) noexcept {
        WaitList& list = parts_.wait_list;
        // Relaxed, both: `count` is stored under the lock only, which this thread holds.
        const int32_t waiting = list.count.load(std::memory_order_relaxed);
        if (waiting == pto::MAX_ASYNC_WAITS) {
            return nullptr;
        }
        Entry& entry = list.entries[waiting];
        entry.slot_state = nullptr;
        entry.task_token = token;
        entry.condition_count = 0;
        entry.waiting_completion_count = 0;
        entry.normal_done = false;
        list.count.store(waiting + 1, std::memory_order_relaxed);
        return &entry;
    }

    /// False when the task has too many conditions.
    static bool add_conditions(Entry& entry, const pto::DeferredCompletionSlab& slab,
                               uint32_t count) noexcept {
        if (entry.normal_done ||
            entry.condition_count + static_cast<int32_t>(count) > WaitList::condition_count_max) {
            return false;
        }
        for (uint32_t i = 0; i < count; ++i) {
            const pto::DeferredCompletionEntry& c = slab.entries[i];
            entry.conditions[entry.condition_count++] =
                pto::CompletionCondition<Platform>::of_entry(c);
        }
        entry.waiting_completion_count += static_cast<int32_t>(count);
        return true;
    }
};

}  // namespace bench
