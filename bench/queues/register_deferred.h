// The design that the mailbox replaced, kept for measurement: conditions are registered in the wait
// list itself, under the lock that a poll holds while it tests them.
//
// A thread that handles a FIN takes the lock whether or not the subtask registered conditions, and
// tries again for as long as another thread has it.
#pragma once

#include <cstdint>

#include "src/a2a3/platform.h"

namespace bench {

enum class Registration {
    REGISTERED,
    SKIPPED,  ///< another thread has the lock
    FULL,     ///< no room in the list, or in the task's entry
};

/// Registers `n` conditions of task `token`, all or none, and, unless `done` is null, that all its
/// subtasks are FIN. Any thread.
inline Registration register_deferred(pto::a2a3::AsyncWaitList& list, pto::PTO2TaskId token,
                                      const pto::DeferredCompletionEntry* conditions, uint32_t n,
                                      pto::a2a3::PTO2TaskSlotState* done) {
    if (!list.try_lock()) {
        return Registration::SKIPPED;
    }
    pto::a2a3::AsyncWaitEntry* entry = list.find_entry_by_token(token);
    // Relaxed: `count` is stored under the lock only, which this thread holds.
    const int32_t waiting = list.count.load(std::memory_order_relaxed);
    if (entry == nullptr && waiting < pto::MAX_ASYNC_WAITS) {
        entry = &list.entries[waiting];
        entry->slot_state = nullptr;
        entry->task_token = token;
        entry->condition_count = 0;
        entry->waiting_completion_count = 0;
        entry->normal_done = false;
        list.count.store(waiting + 1, std::memory_order_relaxed);
    }
    const bool fits = entry != nullptr &&
                      entry->condition_count + static_cast<int32_t>(n) <= list.condition_count_max;
    if (fits) {
        for (uint32_t i = 0; i < n; ++i) {
            const pto::DeferredCompletionEntry& c = conditions[i];
            entry->conditions[entry->condition_count++] =
                pto::a2a3::CompletionCondition::of_entry(c);
        }
        entry->waiting_completion_count += static_cast<int32_t>(n);
        if (done != nullptr) {
            entry->slot_state = done;
            entry->normal_done = true;
        }
    }
    list.unlock();
    return fits ? Registration::REGISTERED : Registration::FULL;
}

}  // namespace bench
