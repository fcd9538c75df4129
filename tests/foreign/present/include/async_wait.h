// The plain tree with the present names: the wait list, and the scheduler as a class to derive
// from.
#pragma once

#include <atomic>
#include <cstdint>

#include "aicore_completion_mailbox.h"
#include "runtime_types.h"

inline constexpr int32_t MAX_ASYNC_WAITS = 64;

class SchedulerState {
  public:
    virtual void on_task_complete(ChipTaskSlotState& slot) noexcept = 0;
    virtual void on_task_release(ChipTaskSlotState& slot) noexcept = 0;

  protected:
    ~SchedulerState() = default;
};

enum class CompletionPollState : uint8_t { PENDING, READY, FAILED };

struct CompletionCondition {
    uint32_t engine;
    int32_t completion_type;
    bool satisfied;
    bool retired;
    uint64_t addr;
    uint64_t backend_cookie;
    uint32_t expected_value;

    CompletionPollState test() const {
        switch (completion_type) {
            case COMPLETION_TYPE_COUNTER: {
                const auto count = read<uint32_t>();
                return count.state != CompletionPollState::READY || count.value >= expected_value
                           ? count.state
                           : CompletionPollState::PENDING;
            }
            case COMPLETION_TYPE_SDMA_EVENT_RECORD: {
                const auto post = read<uint64_t>();
                if (post.state == CompletionPollState::FAILED || backend_cookie == 0) {
                    return CompletionPollState::FAILED;
                }
                return post.value >= backend_cookie ? CompletionPollState::READY
                                                    : CompletionPollState::PENDING;
            }
            default:
                return CompletionPollState::FAILED;
        }
    }

  private:
    template <class Word>
    struct Read {
        CompletionPollState state;
        Word value;
    };

    template <class Word>
    Read<Word> read() const {
        if (addr == 0 || addr % sizeof(Word) != 0) {
            return {CompletionPollState::FAILED, 0};
        }
        Word& word = *reinterpret_cast<Word*>(static_cast<uintptr_t>(addr));
        // Acquire: pairs with the engine's release store.
        return {CompletionPollState::READY,
                std::atomic_ref<Word>(word).load(std::memory_order_acquire)};
    }
};

struct AsyncWaitEntry {
    ChipTaskSlotState* slot_state;
    TaskId task_token;
    CompletionCondition conditions[MAX_COMPLETIONS_PER_TASK];
    int32_t condition_count;
    int32_t waiting_completion_count;
    bool normal_done;
};

struct AsyncPollResult {
    int32_t completed = 0;
    int32_t error_code = SIMPLER_ERROR_NONE;
    ChipTaskSlotState* failed_slot_state = nullptr;
};

struct AsyncWaitList {
    struct DrainCompletionSink {
        SchedulerState* sched = nullptr;
        ChipTaskSlotState** deferred_release_slot_states = nullptr;
        int32_t* deferred_release_count = nullptr;
        int32_t deferred_release_capacity = 0;
        int32_t inline_completed = 0;
    };

    std::atomic<int32_t> busy{0};
    AsyncWaitEntry entries[MAX_ASYNC_WAITS];
#if PLAIN_FAULT == 1
    int32_t count = 0;
#else
    std::atomic<int32_t> count{0};
#endif
    int32_t error_code = SIMPLER_ERROR_NONE;

    bool try_lock() {
#if PLAIN_FAULT == 6
        // Acquire: pairs with the release store in unlock().
        if (busy.load(std::memory_order_acquire) != 0) {
            return false;
        }
        busy.store(1, std::memory_order_relaxed);
        return true;
#else
        // Acquire: pairs with the release store in unlock().
        return busy.exchange(1, std::memory_order_acquire) == 0;
#endif
    }
    // Release: pairs with the acquire exchange in try_lock().
    void unlock() { busy.store(0, std::memory_order_release); }

    void reset_for_reuse() {
        count = 0;
        error_code = SIMPLER_ERROR_NONE;
    }

    AsyncWaitEntry* find_entry_by_token(TaskId token) {
        for (AsyncWaitEntry* entry = entries; entry != entries + count; ++entry) {
            if (entry->task_token == token) {
                return entry;
            }
        }
        return nullptr;
    }

    int32_t drain_aicore_completion_mailbox_locked(AICoreCompletionMailbox* mailbox,
                                                   DrainCompletionSink& sink, int32_t& error) {
        error = error_code;
#if PLAIN_FAULT == 4
        error = SIMPLER_ERROR_NONE;
#endif
        int32_t drained = 0;
        AICoreCompletionMsgView message;
        while (error == SIMPLER_ERROR_NONE && mailbox != nullptr && mailbox->try_pop(message)) {
            ++drained;
            error = apply(message, sink);
        }
        if (error != SIMPLER_ERROR_NONE) {
            error_code = error;
        }
        return drained;
    }

    template <bool Profiling>
    AsyncPollResult poll_and_complete(AICoreCompletionMailbox* mailbox, SchedulerState* sched,
                                      ChipTaskSlotState** release, int32_t& release_count,
                                      int32_t release_capacity) {
        AsyncPollResult result;
        if (!try_lock()) {
            return result;
        }
        DrainCompletionSink sink{sched, release, &release_count, release_capacity, 0};
        drain_aicore_completion_mailbox_locked(mailbox, sink, result.error_code);
        int32_t left = result.error_code == SIMPLER_ERROR_NONE ? int32_t{count} : 0;
        while (left-- > 0) {
            AsyncWaitEntry& entry = entries[left];
            result.error_code = test(entry);
            if (result.error_code == SIMPLER_ERROR_NONE && sched != nullptr && entry.normal_done &&
                entry.waiting_completion_count == 0) {
                result.error_code = complete(*entry.slot_state, sink);
                if (result.error_code == SIMPLER_ERROR_NONE) {
                    entry = entries[--count];
                }
            }
            if (result.error_code != SIMPLER_ERROR_NONE) {
                error_code = result.error_code;
                result.failed_slot_state = entry.slot_state;
                break;
            }
        }
        result.completed = sink.inline_completed;
        if (PLAIN_FAULT != 5 || result.error_code == SIMPLER_ERROR_NONE) {
            unlock();
        }
        return result;
    }

  private:
    int32_t apply(const AICoreCompletionMsgView& message, DrainCompletionSink& sink) {
        const bool is_condition = message.kind == MSG_KIND_CONDITION;
        ChipTaskSlotState* const slot =
            is_condition
                ? nullptr
                : reinterpret_cast<ChipTaskSlotState*>(static_cast<uintptr_t>(message.addr));
        if (message.kind > MSG_KIND_TASK_NORMAL_DONE ||
            (!is_condition && !is_slot_of(slot, message.task_token))) {
            return SIMPLER_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        AsyncWaitEntry* entry = find_entry_by_token(message.task_token);
        if (entry == nullptr && !is_condition && sink.sched != nullptr) {
            return complete(*slot, sink);
        }
        if (entry == nullptr && count == MAX_ASYNC_WAITS) {
            return SIMPLER_ERROR_ASYNC_WAIT_OVERFLOW;
        }
        if (entry == nullptr) {
            entry = &entries[count++];
            entry->slot_state = nullptr;
            entry->task_token = message.task_token;
            entry->condition_count = entry->waiting_completion_count = 0;
            entry->normal_done = false;
        }
        if (entry->normal_done) {
            return SIMPLER_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        return is_condition ? add_condition(*entry, message) : bind(*entry, slot);
    }

    static bool is_slot_of(const ChipTaskSlotState* slot, TaskId token) {
        return slot != nullptr &&
               reinterpret_cast<uintptr_t>(slot) % alignof(ChipTaskSlotState) == 0 &&
               (slot->task == nullptr || slot->task->task_id == token) && slot->task_state == 0;
    }

    static int32_t bind(AsyncWaitEntry& entry, ChipTaskSlotState* slot) {
        entry.slot_state = slot;
        entry.normal_done = true;
        return SIMPLER_ERROR_NONE;
    }

    static int32_t add_condition(AsyncWaitEntry& entry, const AICoreCompletionMsgView& message) {
        if (entry.condition_count == MAX_COMPLETIONS_PER_TASK) {
            return SIMPLER_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        CompletionCondition& condition = entry.conditions[entry.condition_count++];
        condition.engine = message.engine;
        condition.completion_type = message.completion_type;
        condition.satisfied = condition.retired = false;
        condition.addr = message.addr;
        condition.backend_cookie = message.backend_cookie;
        condition.expected_value = message.expected_value;
        ++entry.waiting_completion_count;
        return SIMPLER_ERROR_NONE;
    }

    static int32_t test(AsyncWaitEntry& entry) {
        for (int32_t i = 0; i < entry.condition_count; ++i) {
            CompletionCondition& condition = entry.conditions[i];
            if (condition.satisfied) {
                continue;
            }
            const CompletionPollState state = condition.test();
            if (state == CompletionPollState::FAILED) {
                return SIMPLER_ERROR_ASYNC_COMPLETION_INVALID;
            }
            if (state == CompletionPollState::READY) {
                condition.satisfied = condition.retired = true;
                --entry.waiting_completion_count;
            }
        }
        return SIMPLER_ERROR_NONE;
    }

    static int32_t complete(ChipTaskSlotState& slot, DrainCompletionSink& sink) {
        int32_t pending = 0;
        // Acq_rel: what the task did is visible to those who find it completed.
        if (!slot.task_state.compare_exchange_strong(pending, 1, std::memory_order_acq_rel)) {
            return SIMPLER_ERROR_ASYNC_REGISTRATION_FAILED;
        }
        sink.sched->on_task_complete(slot);
        ++sink.inline_completed;
        if (sink.deferred_release_slot_states == nullptr || sink.deferred_release_capacity == 0) {
            sink.sched->on_task_release(slot);
            return SIMPLER_ERROR_NONE;
        }
        if (*sink.deferred_release_count == sink.deferred_release_capacity) {
            while (*sink.deferred_release_count > 0) {
                release_oldest(sink);
            }
        }
        sink.deferred_release_slot_states[(*sink.deferred_release_count)++] = &slot;
        return SIMPLER_ERROR_NONE;
    }

    static void release_oldest(DrainCompletionSink& sink) {
        ChipTaskSlotState** const slots = sink.deferred_release_slot_states;
        const int32_t used = (*sink.deferred_release_count)--;
        ChipTaskSlotState& oldest = *slots[0];
        for (int32_t i = 1; i < used; ++i) {
            slots[i - 1] = slots[i];
        }
        sink.sched->on_task_release(oldest);
    }
};
