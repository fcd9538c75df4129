// The completion mailbox: a bounded lock-free multi-producer, single-consumer ring of 64-byte
// messages.
//
// Threads that handle a FIN push; the scheduler thread that holds the wait list's lock pops.
// Every message has a ticket, a 64-bit number counted up by `head`. Ticket t lives in
// entries[t mod Capacity] and is published when that slot's `seq` is t + 1. Tickets are absolute,
// so a stale `seq` of an earlier generation never equals the awaited one, and nothing has to be
// cleared between generations.
//
// The ring follows D. Vyukov's bounded MPMC queue in giving each slot a sequence word, and differs
// in what says that a slot is free: here the consumer's `tail`, one store per batch, and not a
// store to every slot. That makes a pop one line cheaper and lets a producer claim many slots at
// once.
//
// Two edges carry all the ordering; every other access is relaxed, because it only has to be
// coherent:
//   publish: `seq` release store in publish()     ->  `seq` acquire load in count_published()
//   reuse:   `tail` release store in consume()    ->  `tail` acquire load in refresh_tail(), and
//            from there to other producers:
//            `cached_tail` release store in refresh_tail() -> acquire load in try_claim()
// The differences of cursors are taken modulo 2^64 and never compared with `<`.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "aicore_completion_mailbox_types.h"
#include "pto_assert.h"
#include "task_id.h"

namespace pto {

/// Slots of the mailbox that the runtime ships, and the mask that maps a ticket to its slot.
inline constexpr uint32_t AICORE_COMPLETION_MAILBOX_CAPACITY = 4096;
inline constexpr uint32_t AICORE_COMPLETION_MAILBOX_MASK = AICORE_COMPLETION_MAILBOX_CAPACITY - 1;

/// Message kinds: one condition of a task; the task's subtasks are all FIN (`addr` is its slot).
inline constexpr uint32_t MSG_KIND_CONDITION = 0;
inline constexpr uint32_t MSG_KIND_TASK_NORMAL_DONE = 1;

/// A message as it is handed to the consumer: a copy, valid for as long as the caller keeps it.
struct AICoreCompletionMsgView {
    PTO2TaskId task_token;
    uint64_t addr;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
    uint64_t backend_cookie = 0;
};

/// One slot of the ring: payload and publication word in one cache line, so that a hand-over moves
/// a single line between cores.
struct alignas(PTO2_ALIGN_SIZE) AICoreCompletionMailboxMessage {
    PTO2TaskId task_token;
    uint64_t addr;
    uint64_t backend_cookie;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
    std::atomic<uint64_t> seq;
    /// The last ticket for which claim_line() was called. Nothing reads it.
    uint64_t claimed_ticket;
    unsigned char padding[8];

    /// Copies the payload out. For the consumer, once the slot is published.
    AICoreCompletionMsgView read() const noexcept {
        // Volatile, so that no two fields are read as one: when a thread pops what it has just
        // pushed, the fields are still in its store buffer, and a load that spans two stores has
        // to wait until both have reached the cache. That is half the time of such a pair.
        const volatile AICoreCompletionMailboxMessage& published = *this;
        return {
            published.task_token.raw,  published.addr, published.expected_value, published.engine,
            published.completion_type, published.kind, published.backend_cookie};
    }

    /// Makes the consumer's core the only owner of the line, by a write. If the line were left
    /// shared, the next producer's first store to it would have to ask every cache to give it up:
    /// four times as long for a line, twice as long for a batch.
    void claim_line(uint64_t ticket) noexcept { claimed_ticket = ticket; }
};

static_assert(sizeof(AICoreCompletionMailboxMessage) == 64);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

/// A condition as a kernel writes it, in a form that has no cookie.
template <class Entry>
concept EntryWithoutCookie = requires(const Entry& entry) {
    entry.addr;
    entry.expected_value;
    entry.engine;
    entry.completion_type;
    requires !requires { entry.backend_cookie; };
};

/// Bounded MPSC ring with `Capacity` slots, a power of two.
///
/// Pushes may run on any number of threads at once and never wait for one another. Pops, batch
/// pops and consume() form one consumer: each must happen-before the next, which the wait list's
/// lock provides. reset() and restart() need quiescence: every earlier call happens-before them,
/// and they happen-before every later one.
///
/// An object whose bytes are all zero is a valid empty ring whose next ticket is 0. Payloads are
/// carried and never inspected. Nothing here allocates, throws or blocks.
template <uint32_t Capacity>
struct alignas(PTO2_ALIGN_SIZE) AICoreCompletionMailbox {
    static_assert(Capacity != 0 && (Capacity & (Capacity - 1)) == 0,
                  "a ticket maps to its slot by masking");

    static constexpr uint32_t capacity = Capacity;
    static constexpr uint64_t mask = Capacity - 1;
    /// How many slots of a bulk push are published in one go.
    static constexpr uint32_t publish_block = 16;

    // Producers' line: the next ticket, and a tail that some producer read earlier. The cached
    // value is never newer than `tail`, so it can only make the ring look fuller than it is;
    // producers read the consumer's line only when the ring looks full.
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> head;
    std::atomic<uint64_t> cached_tail;
    // Consumer's line: the first ticket not yet consumed.
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> tail;
    AICoreCompletionMailboxMessage entries[Capacity];

    /// Pushes one condition of task `token`. Returns false, with no effect, when the ring is full.
    bool try_push_condition(PTO2TaskId token, uint64_t addr, uint64_t backend_cookie,
                            uint32_t expected_value, uint32_t engine,
                            int32_t completion_type) noexcept {
        return try_push({token, addr, expected_value, engine, completion_type, MSG_KIND_CONDITION,
                         backend_cookie});
    }

    /// The same for a condition without a cookie: the cookie is 0.
    bool try_push_condition(PTO2TaskId token, uint64_t addr, uint32_t expected_value,
                            uint32_t engine, int32_t completion_type) noexcept {
        return try_push_condition(token, addr, 0, expected_value, engine, completion_type);
    }

    /// Pushes the message that all subtasks of `token` are FIN; `slot_state_addr` is the address of
    /// the task's slot. Returns false, with no effect, when the ring is full.
    bool try_push_normal_done(PTO2TaskId token, uint64_t slot_state_addr) noexcept {
        return try_push({token, slot_state_addr, 0, 0, 0, MSG_KIND_TASK_NORMAL_DONE});
    }

    /// Pushes the first k = min(n, free slots) of `entries` as conditions of `token`, in order and
    /// with consecutive tickets, claimed by one compare-exchange. Returns k; 0 when the ring is
    /// full or n is 0. `conditions` may be null only when n is 0.
    uint32_t try_push_conditions(PTO2TaskId token, const DeferredCompletionEntry* conditions,
                                 uint32_t n) noexcept {
        return push_entries(token, conditions, n);
    }

    /// The same for entries of a type of the caller's, such as the 24-byte form that kernels wrote
    /// before there were cookies: cookies are 0.
    template <EntryWithoutCookie Entry>
    uint32_t try_push_conditions(PTO2TaskId token, const Entry* conditions, uint32_t n) noexcept {
        return push_entries(token, conditions, n);
    }

    /// Claims min(n, free slots) consecutive tickets and stores the first in `first_ticket`;
    /// returns how many, 0 when the ring is full. Every claimed ticket must be published: until
    /// then the consumer stops at it, while other producers continue.
    ///
    /// The building block of the pushes, for producers that fill messages in place.
    uint32_t try_claim(uint32_t n, uint64_t& first_ticket) noexcept {
        // Relaxed: a stale head makes the compare-exchange fail, and nothing is read through it.
        uint64_t h = head.load(std::memory_order_relaxed);
        // Acquire: pairs with the release store in refresh_tail(). A slot is reused on the word of
        // this value alone, so it has to carry the consumer's reads of that slot along.
        uint64_t t = cached_tail.load(std::memory_order_acquire);
        for (;;) {
            uint64_t used = h - t;
            if (used > Capacity || Capacity - used < n) {
                t = refresh_tail(t);
                used = h - t;
                // unreached: another thread has to come between the loads; explored under weave.
                if (used > Capacity) {
                    // h and t are not from one moment: h is older than t, which was read later, or
                    // h shows a claim whose tail is not visible yet. Neither means that the ring is
                    // full.
                    h = head.load(std::memory_order_relaxed);
                    continue;
                }
            }
            const uint32_t claim = static_cast<uint32_t>(std::min<uint64_t>(n, Capacity - used));
            if (claim == 0) {
                return 0;
            }
            // Relaxed: the claim publishes nothing. That tickets follow happens-before is coherence
            // of `head`: a thread that knows of an earlier claim cannot read an older head.
            if (head.compare_exchange_weak(h, h + claim, std::memory_order_relaxed,
                                           std::memory_order_relaxed)) {
                PTO_ASSERT(h + claim - t <= Capacity, h, claim, t);
                first_ticket = h;
                return claim;
            }
        }
    }

    /// Fills the slot of a ticket that this thread claimed, and publishes it. Once per ticket.
    void publish(uint64_t ticket, const AICoreCompletionMsgView& message) noexcept {
        AICoreCompletionMailboxMessage& slot = entries[ticket & mask];
        // Relaxed: any value that this thread can still read is of an earlier generation.
        PTO_ASSERT(slot.seq.load(std::memory_order_relaxed) != ticket + 1, ticket);
        slot.task_token = message.task_token;
        slot.addr = message.addr;
        slot.backend_cookie = message.backend_cookie;
        slot.expected_value = message.expected_value;
        slot.engine = message.engine;
        slot.completion_type = message.completion_type;
        slot.kind = message.kind;
        // Release: pairs with the acquire load in count_published(); hands the payload to the
        // consumer.
        slot.seq.store(ticket + 1, std::memory_order_release);
    }

    /// Pops the oldest message into `out`. Returns false, leaving `out` alone, when the slot of
    /// ticket `tail` is not published: the ring is empty, or its producer is between claim and
    /// publication.
    bool try_pop(AICoreCompletionMsgView& out) noexcept { return try_pop_batch(&out, 1) == 1; }

    /// Pops up to `max` messages in ticket order into `out`, ending early at the first unpublished
    /// slot. Returns how many; frees their slots with one store.
    uint32_t try_pop_batch(AICoreCompletionMsgView* out, uint32_t max) noexcept {
        return consume(max, [&out](const AICoreCompletionMsgView& message) {
            *out++ = message;
            return true;
        });
    }

    /// Hands up to `max` messages, in ticket order and up to the first unpublished slot, to
    /// `visit(const AICoreCompletionMsgView&) -> bool`. A false from `visit` ends the batch after
    /// that message. Returns how many were visited; they are consumed, later ones stay.
    ///
    /// `visit` must not throw, and must not pop from or reset this ring.
    template <class Visitor>
    uint32_t consume(uint32_t max, Visitor&& visit) noexcept {
        // Relaxed: only consumers store `tail`, and each happens-before the next.
        const uint64_t first = tail.load(std::memory_order_relaxed);
        const uint32_t published = count_published(first, max);
        // A consumer that keeps up with its producers must not write: they are still fetching the
        // lines next to this one, and its stores would have to wait for theirs.
        const bool is_behind = published > 1;
        uint32_t taken = 0;
        bool more = true;
        while (more && taken < published) {
            const uint64_t ticket = first + taken;
            AICoreCompletionMailboxMessage& slot = entries[ticket & mask];
            const AICoreCompletionMsgView message = slot.read();
            if (is_behind) {
                slot.claim_line(ticket);
            }
            ++taken;
            more = visit(message);
        }
        PTO_ASSERT(taken <= max, taken, max);
        if (taken != 0) {
            // Relaxed: there is one consumer at a time, so no other thread has moved the tail.
            PTO_ASSERT(tail.load(std::memory_order_relaxed) == first, first, taken);
            // Release: pairs with the acquire load in refresh_tail(); the accesses to these slots
            // are over before a producer may write them again.
            tail.store(first + taken, std::memory_order_release);
        }
        return taken;
    }

    /// A cheap hint, from any thread: is there a message, or a claimed ticket? True if a
    /// publication happens-before the call and its pop does not begin before the call returns;
    /// false on a quiescent empty ring. Not a reason to sleep or to exit.
    bool has_pending() const noexcept {
        // Both relaxed: coherence alone shows a claim to every thread that its publication
        // happens-before; to other threads a hint promises nothing.
        const uint64_t h = head.load(std::memory_order_relaxed);
        const uint64_t t = tail.load(std::memory_order_relaxed);
        // The sign alone is a cheaper test than "greater than zero" the other way round.
        return static_cast<int64_t>(t - h) < 0;
    }

    /// Empties the ring and makes `first_ticket` the next ticket. Quiescent only; costs one store
    /// per slot, unlike restart().
    void reset(uint64_t first_ticket) noexcept {
        // All relaxed: quiescence orders these stores before every later call.
        for (uint64_t i = 0; i < Capacity; ++i) {
            const uint64_t ticket = first_ticket + i;
            entries[ticket & mask].seq.store(ticket, std::memory_order_relaxed);
        }
        head.store(first_ticket, std::memory_order_relaxed);
        tail.store(first_ticket, std::memory_order_relaxed);
        cached_tail.store(first_ticket, std::memory_order_relaxed);
    }

    /// Drops every message by moving `tail` up to `head`: the cheap restart of a used ring.
    /// Quiescent only, and with no ticket claimed but unpublished.
    void restart() noexcept {
        // Relaxed: quiescence orders these accesses against every other call.
        tail.store(head.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }

  private:
    template <class Entry>
    static uint64_t cookie_of(const Entry& entry) noexcept {
        if constexpr (EntryWithoutCookie<Entry>) {
            return 0;
        } else {
            return entry.backend_cookie;
        }
    }

    template <class Entry>
    uint32_t push_entries(PTO2TaskId token, const Entry* conditions, uint32_t n) noexcept {
        PTO_ASSERT(conditions != nullptr || n == 0, n);
        uint64_t ticket;
        const uint32_t claimed = try_claim(n, ticket);
        // The last ticket of a block first: the consumer stops at the block's first ticket, so it
        // does not pull away lines that are about to be written. Blocks, so that it can read one
        // while the next is written.
        for (uint32_t block = 0; block < claimed; block += publish_block) {
            for (uint32_t i = std::min(block + publish_block, claimed); i-- > block;) {
                const Entry& c = conditions[i];
                publish(ticket + i, {token, c.addr, c.expected_value, c.engine, c.completion_type,
                                     MSG_KIND_CONDITION, cookie_of(c)});
            }
        }
        return claimed;
    }

    bool try_push(const AICoreCompletionMsgView& message) noexcept {
        uint64_t ticket;
        if (try_claim(1, ticket) == 0) {
            return false;
        }
        publish(ticket, message);
        return true;
    }

    /// How many slots from ticket `first` on are published, up to the first gap, at most `max`.
    ///
    /// A pass of its own, before any payload is read: these loads do not depend on one another, so
    /// that the core fetches many of the producers' lines at once.
    uint32_t count_published(uint64_t first, uint32_t max) const noexcept {
        uint32_t n = 0;
        // Acquire: pairs with the release store in publish(); makes the payload visible.
        while (n < max &&
               entries[(first + n) & mask].seq.load(std::memory_order_acquire) == first + n + 1) {
            ++n;
        }
        return n;
    }

    /// Reads the consumer's tail and shares it with the other producers. `cached` is what this
    /// thread saw in the cache: an unchanged value is not stored again, so that producers that
    /// meet a full ring leave each other's line alone.
    uint64_t refresh_tail(uint64_t cached) noexcept {
        // Acquire: pairs with the release store in consume(); the consumer has left these slots.
        const uint64_t t = tail.load(std::memory_order_acquire);
        if (t != cached) {
            // Release: pairs with the acquire load in try_claim(); passes that edge on. A late
            // store may put back an older tail, which is safe: it only looks fuller.
            cached_tail.store(t, std::memory_order_release);
        }
        return t;
    }
};

/// The mailbox that the runtime ships.
using ShippedMailbox = AICoreCompletionMailbox<AICORE_COMPLETION_MAILBOX_CAPACITY>;

/// Adoption aliases: the shipped mailbox under the names, and with the volatile-qualified pointers,
/// that the runtime uses. A null mailbox has nothing pending and takes no message.
inline bool aicore_completion_mailbox_has_pending(const volatile ShippedMailbox* mailbox) noexcept {
    return mailbox != nullptr && const_cast<const ShippedMailbox*>(mailbox)->has_pending();
}

inline bool aicore_completion_mailbox_try_push_condition(volatile ShippedMailbox* mailbox,
                                                         PTO2TaskId token, uint64_t addr,
                                                         uint64_t backend_cookie,
                                                         uint32_t expected_value, uint32_t engine,
                                                         int32_t completion_type) noexcept {
    return mailbox != nullptr &&
           const_cast<ShippedMailbox*>(mailbox)->try_push_condition(
               token, addr, backend_cookie, expected_value, engine, completion_type);
}

inline bool aicore_completion_mailbox_try_push_condition(volatile ShippedMailbox* mailbox,
                                                         PTO2TaskId token, uint64_t addr,
                                                         uint32_t expected_value, uint32_t engine,
                                                         int32_t completion_type) noexcept {
    return aicore_completion_mailbox_try_push_condition(mailbox, token, addr, 0, expected_value,
                                                        engine, completion_type);
}

inline bool aicore_completion_mailbox_try_push_normal_done(volatile ShippedMailbox* mailbox,
                                                           PTO2TaskId token,
                                                           uint64_t slot_state_addr) noexcept {
    return mailbox != nullptr &&
           const_cast<ShippedMailbox*>(mailbox)->try_push_normal_done(token, slot_state_addr);
}

}  // namespace pto
