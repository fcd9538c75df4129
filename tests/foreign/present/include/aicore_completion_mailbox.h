// The plain tree with the present names: the mailbox. Its size is a macro, for tests.
#pragma once

#include <atomic>
#include <cstdint>

#include "aicore_completion_mailbox_types.h"
#include "runtime_types.h"

#ifndef AICORE_COMPLETION_MAILBOX_CAPACITY
#define AICORE_COMPLETION_MAILBOX_CAPACITY 4096
#endif

enum MessageKind : uint32_t { MSG_KIND_CONDITION, MSG_KIND_TASK_NORMAL_DONE };

struct AICoreCompletionMsgView {
    TaskId task_token;
    uint64_t addr = 0;
    uint64_t backend_cookie = 0;
    uint32_t expected_value = 0;
    uint32_t engine = 0;
    int32_t completion_type = 0;
    uint32_t kind = MSG_KIND_CONDITION;
};

struct alignas(64) AICoreCompletionMailboxMessage {
    TaskId task_token;
    uint64_t addr;
    uint64_t backend_cookie;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
    std::atomic<uint64_t> seq;
};

struct AICoreCompletionMailbox {
    alignas(64) std::atomic<uint64_t> head;
    alignas(64) std::atomic<uint64_t> tail;
    AICoreCompletionMailboxMessage entries[AICORE_COMPLETION_MAILBOX_CAPACITY];

    bool has_pending() const { return room_taken() != 0; }

    bool try_push_condition(TaskId token, uint64_t addr, uint64_t backend_cookie,
                            uint32_t expected_value, uint32_t engine, int32_t completion_type) {
        uint64_t ticket = 0;
        if (!take_ticket(ticket)) {
            return false;
        }
        AICoreCompletionMailboxMessage& slot = slot_of(ticket);
        slot.backend_cookie = backend_cookie;
        slot.expected_value = expected_value;
        slot.engine = engine;
        slot.completion_type = completion_type;
        publish(slot, ticket, token, addr, MSG_KIND_CONDITION);
        return true;
    }

    bool try_push_normal_done(TaskId token, uint64_t slot_state_addr) {
        uint64_t ticket = 0;
        if (!take_ticket(ticket)) {
            return false;
        }
        publish(slot_of(ticket), ticket, token, slot_state_addr, MSG_KIND_TASK_NORMAL_DONE);
        return true;
    }

    bool try_pop(AICoreCompletionMsgView& out) {
        // Relaxed: one consumer at a time stores it.
        const uint64_t ticket = tail.load(std::memory_order_relaxed);
        const AICoreCompletionMailboxMessage& slot = slot_of(ticket);
        // Acquire: pairs with the release store in publish().
        if (slot.seq.load(std::memory_order_acquire) != ticket + 1) {
            return false;
        }
        out = {
            slot.task_token,      slot.addr, slot.backend_cookie, slot.expected_value, slot.engine,
            slot.completion_type, slot.kind};
        // Release: pairs with the acquire load in room_taken().
        tail.store(ticket + 1, std::memory_order_release);
        return true;
    }

  private:
#if PLAIN_FAULT == 2
    using Difference = uint64_t;
#else
    using Difference = int64_t;
#endif

    AICoreCompletionMailboxMessage& slot_of(uint64_t ticket) {
        return entries[ticket % AICORE_COMPLETION_MAILBOX_CAPACITY];
    }

    Difference room_taken() const {
        // Relaxed: a stale head makes the exchange in take_ticket() fail.
        const uint64_t h = head.load(std::memory_order_relaxed);
        // Acquire: pairs with the release store in try_pop().
        return static_cast<Difference>(h - tail.load(std::memory_order_acquire));
    }

    bool take_ticket(uint64_t& ticket) {
        // Relaxed, as is the exchange: the ticket's slot is published later.
        ticket = head.load(std::memory_order_relaxed);
        do {
            while (true) {
                // Acquire: pairs with the release store in try_pop().
                const uint64_t t = tail.load(std::memory_order_acquire);
                if (static_cast<Difference>(ticket - t) < AICORE_COMPLETION_MAILBOX_CAPACITY) {
                    break;
                }
#if PLAIN_FAULT != 3
                return false;
#endif
            }
        } while (!head.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed,
                                             std::memory_order_relaxed));
        return true;
    }

    void publish(AICoreCompletionMailboxMessage& slot, uint64_t ticket, TaskId token, uint64_t addr,
                 uint32_t kind) {
        slot.task_token = token;
        slot.addr = addr;
        slot.kind = kind;
        // Release: pairs with the acquire load in try_pop().
        slot.seq.store(ticket + 1, std::memory_order_release);
    }
};
