// The plain tree with the first set of names: the mailbox.
#pragma once

#include <atomic>
#include <cstdint>

#include "aicore_completion_mailbox_types.h"
#include "pto_runtime2_types.h"

#define AICORE_COMPLETION_MAILBOX_CAPACITY 4096u
#define MSG_KIND_CONDITION 0u
#define MSG_KIND_TASK_NORMAL_DONE 1u

struct AICoreCompletionMsgView {
    PTO2TaskId task_token;
    uint64_t addr;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
};

struct alignas(PTO2_ALIGN_SIZE) AICoreCompletionMailboxMessage {
    AICoreCompletionMsgView view;
    std::atomic<uint64_t> seq;
};

struct AICoreCompletionMailbox {
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> head;
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> tail;
    alignas(PTO2_ALIGN_SIZE)
        AICoreCompletionMailboxMessage entries[AICORE_COMPLETION_MAILBOX_CAPACITY];

    bool has_pending() {
        // Acquire: pairs with the release store in try_pop().
        const uint64_t t = tail.load(std::memory_order_acquire);
        return head.load(std::memory_order_relaxed) != t;
    }

    bool try_push_condition(PTO2TaskId token, uint64_t addr, uint32_t expected, uint32_t engine,
                            int32_t type) {
        return push({token, addr, expected, engine, type, MSG_KIND_CONDITION});
    }

    bool try_push_normal_done(PTO2TaskId token, uint64_t slot) {
        return push({token, slot, 0, 0, 0, MSG_KIND_TASK_NORMAL_DONE});
    }

    bool try_pop(AICoreCompletionMsgView& out) {
        // Relaxed: one consumer at a time stores it.
        const uint64_t t = tail.load(std::memory_order_relaxed);
        AICoreCompletionMailboxMessage& slot = entries[t % AICORE_COMPLETION_MAILBOX_CAPACITY];
        // Acquire: pairs with the release store in push().
        if (slot.seq.load(std::memory_order_acquire) != t + 1) {
            return false;
        }
        out = slot.view;
        // Release: pairs with the acquire load in push().
        tail.store(t + 1, std::memory_order_release);
        return true;
    }

  private:
    bool push(const AICoreCompletionMsgView& view) {
        for (;;) {
            // Relaxed: a stale head makes the exchange fail.
            uint64_t h = head.load(std::memory_order_relaxed);
            // Acquire: pairs with the release store in try_pop().
            const uint64_t t = tail.load(std::memory_order_acquire);
#if PLAIN_FAULT == 2
            const uint64_t used = h - t;
            constexpr uint64_t capacity = AICORE_COMPLETION_MAILBOX_CAPACITY;
#else
            const auto used = static_cast<int64_t>(h - t);
            constexpr int64_t capacity = AICORE_COMPLETION_MAILBOX_CAPACITY;
#endif
            if (used >= capacity) {
#if PLAIN_FAULT == 3
                continue;
#else
                return false;
#endif
            }
            if (head.compare_exchange_weak(h, h + 1, std::memory_order_relaxed,
                                           std::memory_order_relaxed)) {
                AICoreCompletionMailboxMessage& slot =
                    entries[h % AICORE_COMPLETION_MAILBOX_CAPACITY];
                slot.view = view;
                // Release: pairs with the acquire load in try_pop().
                slot.seq.store(h + 1, std::memory_order_release);
                return true;
            }
        }
    }
};
