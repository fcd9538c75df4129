// The completion mailbox: a bounded lock-free multi-producer, single-consumer ring of 64-byte
// messages.
//
// Threads that handle a FIN push; the scheduler thread that holds the wait list's lock pops.
// Every message has a ticket, a 64-bit number counted up by `head`. Ticket t lives in
// entries[t mod Capacity] and is published when that slot's `seq` is t + 1. Tickets are absolute,
// so a stale `seq` of an earlier generation never equals the awaited one, and nothing has to be
// cleared between generations.
//
// A registration is a message of several slots with consecutive tickets. The `seq` of the first
// publishes all of them; the others keep the `seq` of an earlier generation, which the consumer
// steps over.
//
// The ring follows D. Vyukov's bounded MPMC queue in giving each slot a sequence word, and differs
// in what says that a slot is free: here the consumer's `tail`, one store per batch, and not a
// store to every slot. That makes a pop one line cheaper and lets a producer claim many slots at
// once.
//
// Two edges carry all the ordering; every other access is relaxed, because it only has to be
// coherent:
//   publish: `seq` release store in set_published()  ->  `seq` acquire load in is_published()
//   reuse:   `tail` release store in free_slots()    ->  `tail` acquire load in refresh_tail(), and
//            from there to other producers:
//            `cached_tail` release store in refresh_tail() -> acquire load in claim()
// The differences of cursors are taken modulo 2^64 and never compared with `<`.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "aicore_completion_mailbox_types.h"
#include "pto_assert.h"
#include "task_id.h"

namespace pto {

/// Slots of the mailbox that the runtime ships, and the mask that maps a ticket to its slot.
inline constexpr uint32_t AICORE_COMPLETION_MAILBOX_CAPACITY = 4096;
inline constexpr uint32_t AICORE_COMPLETION_MAILBOX_MASK = AICORE_COMPLETION_MAILBOX_CAPACITY - 1;

/// Message kinds: one condition of a task; the task's subtasks are all FIN (`addr` is its slot); a
/// registration, which is all conditions of a task and the fact that its only subtask is FIN.
inline constexpr uint32_t MSG_KIND_CONDITION = 0;
inline constexpr uint32_t MSG_KIND_TASK_NORMAL_DONE = 1;
inline constexpr uint32_t MSG_KIND_TASK_REGISTRATION = 2;

/// Slots that a registration of `conditions` takes.
constexpr uint32_t registration_slots(uint32_t conditions) noexcept { return 1 + conditions / 2; }

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
    uint64_t slot_state_addr;  ///< of a registration
    uint32_t condition_count;  ///< of a registration; 0 in every other message
    uint32_t claimed;          ///< stored by claim_line(); nothing reads it
    std::atomic<uint64_t> seq;

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
    void claim_line() noexcept { claimed = 1; }
};

static_assert(sizeof(AICoreCompletionMailboxMessage) == 64);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

template <uint32_t Capacity>
struct AICoreCompletionMailbox;

/// A registration in the ring: the slot of its first ticket is the header and holds a condition,
/// the slots after it hold two each, as 28 bytes that a slab's entry begins with.
///
/// For the consumer it is valid during its visit only.
class AICoreCompletionRegistration {
  public:
    PTO2TaskId task_token() const noexcept { return header().task_token; }
    uint64_t slot_state_addr() const noexcept { return header().slot_state_addr; }
    /// 1 or more.
    uint32_t condition_count() const noexcept { return header().condition_count; }

    /// Copies the conditions, in the order of the slab, to `to[0]`, `to[1]` and so on, each made by
    /// `Condition::of_entry(const DeferredCompletionEntry&)`.
    template <class Condition>
    void copy_conditions(Condition* to) const noexcept {
        const AICoreCompletionMailboxMessage& first = header();
        const Condition* const end = to + first.condition_count;
        *to++ = Condition::of_entry(DeferredCompletionEntry{first.addr, first.backend_cookie,
                                                            first.expected_value, first.engine,
                                                            first.completion_type, 0});
        uint32_t number = 1;
        for (; end - to >= 2; to += 2) {
            to[0] = Condition::of_entry(read(number, 0));
            to[1] = Condition::of_entry(read(number, 1));
            ++number;
        }
        if (to != end) {
            *to = Condition::of_entry(read(number, 0));
        }
    }

  private:
    template <uint32_t Capacity>
    friend struct AICoreCompletionMailbox;

    static constexpr size_t condition_bytes = offsetof(DeferredCompletionEntry, pad);
    static_assert(2 * condition_bytes <= offsetof(AICoreCompletionMailboxMessage, seq),
                  "two conditions fit before the word that stale tickets are known by");

    AICoreCompletionRegistration(AICoreCompletionMailboxMessage* slots, uint64_t mask,
                                 uint64_t ticket) noexcept
        : slots_(slots), mask_(mask), ticket_(ticket) {}

    /// Fills the slots, which the caller has claimed and not published.
    void write(PTO2TaskId token, uint64_t slot_state_addr,
               const DeferredCompletionEntry* conditions, uint32_t n) noexcept {
        AICoreCompletionMailboxMessage& first = slot(0);
        first.task_token = token;
        first.addr = conditions[0].addr;
        first.backend_cookie = conditions[0].backend_cookie;
        first.expected_value = conditions[0].expected_value;
        first.engine = conditions[0].engine;
        first.completion_type = conditions[0].completion_type;
        first.kind = MSG_KIND_TASK_REGISTRATION;
        first.slot_state_addr = slot_state_addr;
        first.condition_count = n;
        uint32_t number = 1;
        uint32_t i = 1;
        for (; i + 1 < n; i += 2) {
            write(number, 0, conditions[i]);
            write(number, 1, conditions[i + 1]);
            ++number;
        }
        if (i < n) {
            write(number, 0, conditions[i]);
        }
    }

    /// Claims the lines of the slots; nothing can be read afterwards.
    void claim_lines(uint32_t slots) noexcept {
        for (uint32_t number = 0; number < slots; ++number) {
            slot(number).claim_line();
        }
    }

    const AICoreCompletionMailboxMessage& header() const noexcept {
        return slots_[ticket_ & mask_];
    }
    AICoreCompletionMailboxMessage& slot(uint32_t number) noexcept {
        return slots_[(ticket_ + number) & mask_];
    }

    // By pointers to void: the fields of a slot after the first are just bytes.
    DeferredCompletionEntry read(uint32_t number, size_t half) const noexcept {
        DeferredCompletionEntry condition;
        const void* const bytes = &slots_[(ticket_ + number) & mask_];
        std::memcpy(&condition, static_cast<const unsigned char*>(bytes) + half * condition_bytes,
                    condition_bytes);
        return condition;
    }
    void write(uint32_t number, size_t half, const DeferredCompletionEntry& condition) noexcept {
        void* const bytes = &slot(number);
        std::memcpy(static_cast<unsigned char*>(bytes) + half * condition_bytes, &condition,
                    condition_bytes);
    }

    AICoreCompletionMailboxMessage* slots_;
    uint64_t mask_;
    uint64_t ticket_;
};

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

    /// Pushes a registration: the `n` conditions, 1 to 64, of a task with one subtask, and the fact
    /// that this subtask is FIN. `slot_state_addr` is the address of the task's slot. Takes
    /// registration_slots(n) slots. Returns false, with no effect, when fewer are free.
    bool try_push_registration(PTO2TaskId token, uint64_t slot_state_addr,
                               const DeferredCompletionEntry* conditions, uint32_t n) noexcept {
        PTO_ASSERT(0 < n && n <= MAX_COMPLETIONS_PER_TASK, n);
        const uint32_t slots = registration_slots(n);
        uint64_t ticket;
        if (claim(slots, slots, ticket) == 0) {
            return false;
        }
        AICoreCompletionRegistration(entries, mask, ticket)
            .write(token, slot_state_addr, conditions, n);
        set_published(ticket);
        return true;
    }

    /// Claims min(n, free slots) consecutive tickets and stores the first in `first_ticket`;
    /// returns how many, 0 when the ring is full. Every claimed ticket must be published: until
    /// then the consumer stops at it, while other producers continue.
    ///
    /// The building block of the pushes, for producers that fill messages in place.
    uint32_t try_claim(uint32_t n, uint64_t& first_ticket) noexcept {
        return claim(1, n, first_ticket);
    }

    /// Fills the slot of a ticket that this thread claimed, and publishes it. Once per ticket.
    void publish(uint64_t ticket, const AICoreCompletionMsgView& message) noexcept {
        AICoreCompletionMailboxMessage& slot = entries[ticket & mask];
        slot.task_token = message.task_token;
        slot.addr = message.addr;
        slot.backend_cookie = message.backend_cookie;
        slot.expected_value = message.expected_value;
        slot.engine = message.engine;
        slot.completion_type = message.completion_type;
        slot.kind = message.kind;
        slot.condition_count = 0;
        set_published(ticket);
    }

    /// Pops the oldest message into `out`. Returns false, leaving `out` alone, when the slot of
    /// ticket `tail` is not published: the ring is empty, or its producer is between claim and
    /// publication.
    bool try_pop(AICoreCompletionMsgView& out) noexcept {
        // Relaxed: only consumers store `tail`, and each happens-before the next.
        const uint64_t ticket = tail.load(std::memory_order_relaxed);
        if (!is_published(ticket)) {
            return false;
        }
        const AICoreCompletionMailboxMessage& slot = entries[ticket & mask];
        out = slot.read();
        free_slots(ticket, registration_slots(slot.condition_count));
        return true;
    }

    /// Pops messages in ticket order into `out` until they have taken `max` slots or the next one
    /// is not published. Returns how many; frees their slots with one store. Of a registration it
    /// returns the first condition only; consume() hands out all.
    uint32_t try_pop_batch(AICoreCompletionMsgView* out, uint32_t max) noexcept {
        uint32_t popped = 0;
        consume(max, [&](const AICoreCompletionMsgView& message) {
            out[popped++] = message;
            return true;
        });
        return popped;
    }

    /// Hands messages in ticket order to `visit(const AICoreCompletionMsgView&) -> bool`, until
    /// they have taken `max` slots or the next one is not published. A false from `visit` ends it
    /// after that message. Registrations go to `visit(const AICoreCompletionRegistration&) -> bool`
    /// if there is one. Returns how many slots were freed; later messages stay.
    ///
    /// `visit` must not throw, and must not pop from or reset this ring.
    template <class Visitor>
    uint32_t consume(uint32_t max, Visitor&& visit) noexcept {
        // Relaxed: only consumers store `tail`, and each happens-before the next.
        const uint64_t first = tail.load(std::memory_order_relaxed);
        uint32_t taken = 0;
        bool more = true;
        while (more && taken < max) {
            const uint64_t ticket = first + taken;
            if (!is_published(ticket)) {
                break;
            }
            taken += is_registration(ticket)
                         ? visit_registration(ticket, visit, more)
                         : visit_plain(ticket, count_published(ticket, max - taken), visit, more);
        }
        PTO_ASSERT(taken < uint64_t{max} + registration_slots(MAX_COMPLETIONS_PER_TASK), taken,
                   max);
        if (taken != 0) {
            free_slots(first, taken);
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

    /// Claims min(most, free slots) consecutive tickets, if that is at least `least`; returns how
    /// many, or 0.
    uint32_t claim(uint32_t least, uint32_t most, uint64_t& first_ticket) noexcept {
        // Relaxed: a stale head makes the compare-exchange fail, and nothing is read through it.
        uint64_t h = head.load(std::memory_order_relaxed);
        // Acquire: pairs with the release store in refresh_tail(). A slot is reused on the word of
        // this value alone, so it has to carry the consumer's reads of that slot along.
        uint64_t t = cached_tail.load(std::memory_order_acquire);
        for (;;) {
            uint64_t used = h - t;
            if (used > Capacity || Capacity - used < most) {
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
            const auto claimed = static_cast<uint32_t>(std::min<uint64_t>(most, Capacity - used));
            if (claimed < least) {
                return 0;
            }
            // Relaxed: the claim publishes nothing. That tickets follow happens-before is coherence
            // of `head`: a thread that knows of an earlier claim cannot read an older head.
            if (head.compare_exchange_weak(h, h + claimed, std::memory_order_relaxed,
                                           std::memory_order_relaxed)) {
                PTO_ASSERT(h + claimed - t <= Capacity, h, claimed, t);
                first_ticket = h;
                return claimed;
            }
        }
    }

    /// Publishes a ticket whose slot is filled.
    void set_published(uint64_t ticket) noexcept {
        AICoreCompletionMailboxMessage& slot = entries[ticket & mask];
        // Relaxed: any value that this thread can still read is of an earlier generation.
        PTO_ASSERT(slot.seq.load(std::memory_order_relaxed) != ticket + 1, ticket);
        // Release: pairs with the acquire load in is_published(); hands the payload to the
        // consumer.
        slot.seq.store(ticket + 1, std::memory_order_release);
    }

    /// Is the slot of a ticket published?
    bool is_published(uint64_t ticket) const noexcept {
        // Acquire: pairs with the release store in set_published(); makes the payload visible.
        return entries[ticket & mask].seq.load(std::memory_order_acquire) == ticket + 1;
    }

    bool try_push(const AICoreCompletionMsgView& message) noexcept {
        uint64_t ticket;
        if (try_claim(1, ticket) == 0) {
            return false;
        }
        publish(ticket, message);
        return true;
    }

    /// Gives the slots of `n` consumed tickets from `first` on back to the producers.
    void free_slots(uint64_t first, uint32_t n) noexcept {
        // Relaxed: there is one consumer at a time, so no other thread has moved the tail.
        PTO_ASSERT(tail.load(std::memory_order_relaxed) == first, first, n);
        // Release: pairs with the acquire load in refresh_tail(); the accesses to these slots are
        // over before a producer may write them again.
        tail.store(first + n, std::memory_order_release);
    }

    /// Does a published ticket begin a registration?
    bool is_registration(uint64_t ticket) const noexcept {
        return entries[ticket & mask].condition_count != 0;
    }

    /// How many messages of one slot are published from ticket `first` on, up to the first gap or
    /// registration, at most `max`. `first` is one.
    ///
    /// A pass of its own, before any payload is read: these loads do not depend on one another, so
    /// that the core fetches many of the producers' lines at once.
    uint32_t count_published(uint64_t first, uint32_t max) const noexcept {
        uint32_t n = 1;
        while (n < max && is_published(first + n) && !is_registration(first + n)) {
            ++n;
        }
        return n;
    }

    /// Visits `published` messages of one slot. Returns how many; `more` is the last answer.
    template <class Visitor>
    uint32_t visit_plain(uint64_t first, uint32_t published, Visitor& visit, bool& more) noexcept {
        // A consumer that keeps up with its producers must not write: they are still fetching the
        // lines next to this one, and its stores would have to wait for theirs.
        const bool is_behind = published > 1;
        uint32_t taken = 0;
        do {
            AICoreCompletionMailboxMessage& slot = entries[(first + taken) & mask];
            const AICoreCompletionMsgView message = slot.read();
            if (is_behind) {
                slot.claim_line();
            }
            ++taken;
            more = visit(message);
        } while (more && taken < published);
        return taken;
    }

    /// Visits a published registration. Returns how many slots it takes; `more` is the answer.
    template <class Visitor>
    uint32_t visit_registration(uint64_t ticket, Visitor& visit, bool& more) noexcept {
        AICoreCompletionRegistration registration(entries, mask, ticket);
        const uint32_t slots = registration_slots(registration.condition_count());
        if constexpr (std::is_invocable_v<Visitor&, const AICoreCompletionRegistration&>) {
            more = visit(std::as_const(registration));
        } else {
            more = visit(entries[ticket & mask].read());
        }
        if (slots > 1) {
            registration.claim_lines(slots);
        }
        return slots;
    }

    /// Reads the consumer's tail and shares it with the other producers. `cached` is what this
    /// thread saw in the cache: an unchanged value is not stored again, so that producers that
    /// meet a full ring leave each other's line alone.
    uint64_t refresh_tail(uint64_t cached) noexcept {
        // Acquire: pairs with the release store in free_slots(); the consumer has left these slots.
        const uint64_t t = tail.load(std::memory_order_acquire);
        if (t != cached) {
            // Release: pairs with the acquire load in claim(); passes that edge on. A late
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
