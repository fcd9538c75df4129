// The plain tree with the first set of names: the wait list. The scheduler is only declared; what
// calls it is in pto_async_wait_complete.h.
#pragma once

#include <atomic>
#include <cstdint>

#include "aicore_completion_mailbox.h"
#include "pto_runtime2_types.h"

struct PTO2SchedulerState;
struct PTO2LocalReadyBuffer;

#define MAX_ASYNC_WAITS 64

struct CompletionCondition {
    uint32_t engine;
    int32_t completion_type;
    bool satisfied;
    bool retired;
    uint32_t* counter_addr;
    uint32_t expected_value;
};

struct AsyncWaitEntry {
    PTO2TaskSlotState* slot_state;
    PTO2TaskId task_token;
    CompletionCondition conditions[MAX_COMPLETIONS_PER_TASK];
    int32_t condition_count;
    int32_t waiting_completion_count;
    bool normal_done;
};

struct AsyncPollResult {
    int32_t completed;
    int32_t error_code;
    PTO2TaskSlotState* failed_slot_state;
};

struct AsyncWaitList {
    struct DrainCompletionSink {
        PTO2SchedulerState* sched;
        PTO2LocalReadyBuffer* local_bufs;
        PTO2TaskSlotState** deferred_release_slot_states;
        int32_t* deferred_release_count;
        int32_t deferred_release_capacity;
        int32_t inline_completed;
    };

    std::atomic<int32_t> busy{0};
    AsyncWaitEntry entries[MAX_ASYNC_WAITS];
#if PLAIN_FAULT == 1
    int32_t count{0};
#else
    std::atomic<int32_t> count{0};
#endif
    int32_t first_error{0};

    bool try_lock() {
#if PLAIN_FAULT == 6
        // Acquire: pairs with the release store in unlock().
        if (busy.load(std::memory_order_acquire) != 0) {
            return false;
        }
        busy.store(1, std::memory_order_relaxed);
        return true;
#else
        int32_t free = 0;
        // Acquire: pairs with the release store in unlock().
        return busy.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                            std::memory_order_relaxed);
#endif
    }
    // Release: pairs with the acquire exchange in try_lock().
    void unlock() { busy.store(0, std::memory_order_release); }

    AsyncWaitEntry* find_entry_by_token(PTO2TaskId token) {
        for (int32_t i = 0; i < count; ++i) {
            if (entries[i].task_token == token) {
                return &entries[i];
            }
        }
        return nullptr;
    }

    int32_t drain_aicore_completion_mailbox_locked(AICoreCompletionMailbox* mailbox,
                                                   DrainCompletionSink& sink, int32_t& error) {
        error = kept_error();
        int32_t drained = 0;
        AICoreCompletionMsgView message;
        while (error == PTO2_ERROR_NONE && mailbox != nullptr && mailbox->try_pop(message)) {
            ++drained;
            error = message.kind == MSG_KIND_CONDITION
                        ? add_condition(message)
                        : add_normal_done(message.task_token, slot_of(message.addr), sink);
        }
        keep(error);
        return drained;
    }

    template <bool Profiling>
    AsyncPollResult poll_and_complete(AICoreCompletionMailbox* mailbox, PTO2SchedulerState* sched,
                                      PTO2LocalReadyBuffer* local_bufs, PTO2TaskSlotState** release,
                                      int32_t& release_count, int32_t release_capacity) {
        AsyncPollResult result{0, PTO2_ERROR_NONE, nullptr};
        if (!try_lock()) {
            return result;
        }
        DrainCompletionSink sink{sched, local_bufs, release, &release_count, release_capacity, 0};
        drain_aicore_completion_mailbox_locked(mailbox, sink, result.error_code);
        for (int32_t i = count - 1; i >= 0 && result.error_code == PTO2_ERROR_NONE; --i) {
            result.error_code = visit(i, sink);
            if (result.error_code != PTO2_ERROR_NONE) {
                result.failed_slot_state = entries[i].slot_state;
            }
        }
        keep(result.error_code);
        result.completed = sink.inline_completed;
        if (PLAIN_FAULT != 5 || result.error_code == PTO2_ERROR_NONE) {
            unlock();
        }
        return result;
    }

  private:
    static PTO2TaskSlotState* slot_of(uint64_t addr) {
        return reinterpret_cast<PTO2TaskSlotState*>(static_cast<uintptr_t>(addr));
    }

    int32_t kept_error() const { return PLAIN_FAULT == 4 ? PTO2_ERROR_NONE : first_error; }
    void keep(int32_t error) { first_error = first_error == 0 ? error : first_error; }

    int32_t add_condition(const AICoreCompletionMsgView& message) {
        AsyncWaitEntry* entry = find_entry_by_token(message.task_token);
        if (entry == nullptr) {
            entry = add_entry(message.task_token);
        }
        if (entry == nullptr) {
            return PTO2_ERROR_ASYNC_WAIT_OVERFLOW;
        }
        if (entry->condition_count == MAX_COMPLETIONS_PER_TASK) {
            return PTO2_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        entry->conditions[entry->condition_count++] = {
            message.engine,
            message.completion_type,
            false,
            false,
            reinterpret_cast<uint32_t*>(static_cast<uintptr_t>(message.addr)),
            message.expected_value};
        ++entry->waiting_completion_count;
        return PTO2_ERROR_NONE;
    }

    int32_t add_normal_done(PTO2TaskId token, PTO2TaskSlotState* slot, DrainCompletionSink& sink) {
        AsyncWaitEntry* entry = find_entry_by_token(token);
        if (entry == nullptr && sink.sched != nullptr) {
            complete(*slot, sink);
            return PTO2_ERROR_NONE;
        }
        if (entry == nullptr) {
            entry = add_entry(token);
        }
        if (entry == nullptr) {
            return PTO2_ERROR_ASYNC_WAIT_OVERFLOW;
        }
        entry->slot_state = slot;
        entry->normal_done = true;
        return PTO2_ERROR_NONE;
    }

    AsyncWaitEntry* add_entry(PTO2TaskId token) {
        if (count == MAX_ASYNC_WAITS) {
            return nullptr;
        }
        AsyncWaitEntry& entry = entries[count++];
        entry.slot_state = nullptr;
        entry.task_token = token;
        entry.condition_count = 0;
        entry.waiting_completion_count = 0;
        entry.normal_done = false;
        return &entry;
    }

    int32_t visit(int32_t index, DrainCompletionSink& sink) {
        AsyncWaitEntry& entry = entries[index];
        for (int32_t i = 0; i < entry.condition_count; ++i) {
            CompletionCondition& condition = entry.conditions[i];
            if (condition.satisfied) {
                continue;
            }
            if (condition.completion_type != COMPLETION_TYPE_COUNTER) {
                return PTO2_ERROR_ASYNC_COMPLETION_INVALID;
            }
            // Acquire: pairs with the engine's release store.
            if (std::atomic_ref<uint32_t>(*condition.counter_addr)
                    .load(std::memory_order_acquire) >= condition.expected_value) {
                condition.satisfied = condition.retired = true;
                --entry.waiting_completion_count;
            }
        }
        if (sink.sched != nullptr && entry.normal_done && entry.waiting_completion_count == 0) {
            complete(*entry.slot_state, sink);
            --count;
            entry = entries[count];
        }
        return PTO2_ERROR_NONE;
    }

    void complete(PTO2TaskSlotState& slot, DrainCompletionSink& sink);
};
