// A mailbox that lives as long as the program and is put back to a fresh state in time proportional
// to what the last schedule touched: a fresh ring of 4096 slots per schedule would be all the cost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>

#include "src/runtime/mailbox.h"

namespace fuzz {

/// Owns one ring. Single-threaded; the ring itself may be used by any thread between renew() calls.
template <uint32_t Capacity>
class PersistentRing {
  public:
    using Mailbox = pto::AICoreCompletionMailbox<Capacity>;

    /// The ring, empty, its next ticket `first_ticket`, and indistinguishable
    /// from one that was never used. Quiescent only.
    Mailbox& renew(uint64_t first_ticket) {
        const uint64_t claimed = mailbox_->head.load(std::memory_order_relaxed) - base_;
        const uint64_t used = was_reset_ ? Capacity : std::min<uint64_t>(claimed, Capacity);
        for (uint64_t i = 0; i < used; ++i) {
            poison_payload(slot_of(base_ + i));
        }
        if (first_ticket == base_) {
            rewind(used);
        } else {
            mailbox_->reset(first_ticket);
            base_ = first_ticket;
        }
        was_reset_ = false;
        return *mailbox_;
    }

    /// mailbox.reset() in the middle of a schedule.
    void reset(uint64_t first_ticket) {
        mailbox_->reset(first_ticket);
        base_ = first_ticket;
        was_reset_ = true;
    }

  private:
    // Nothing a schedule pushes looks like this, so a stale payload cannot pass for a right one.
    static constexpr unsigned char poison = 0xa5;
    // Such a number of conditions would be a registration of a billion slots, and a look at it a
    // hang where a finding is due.
    static constexpr uint32_t poison_conditions = 3;

    /// Does what mailbox.reset(base_) does, where only the first `used` slots from there have
    /// changed since the last reset.
    void rewind(uint64_t used) {
        for (uint64_t i = 0; i < used; ++i) {
            slot_of(base_ + i).seq.store(base_ + i, std::memory_order_relaxed);
        }
        mailbox_->head.store(base_, std::memory_order_relaxed);
        mailbox_->tail.store(base_, std::memory_order_relaxed);
        mailbox_->cached_tail.store(base_, std::memory_order_relaxed);
    }

    pto::AICoreCompletionMailboxMessage& slot_of(uint64_t ticket) {
        return mailbox_->entries[ticket & Mailbox::mask];
    }

    static void poison_payload(pto::AICoreCompletionMailboxMessage& slot) {
        constexpr size_t seq_begin = offsetof(pto::AICoreCompletionMailboxMessage, seq);
        constexpr size_t seq_end = seq_begin + sizeof slot.seq;
        auto* bytes = reinterpret_cast<unsigned char*>(&slot);
        std::fill(bytes, bytes + seq_begin, poison);
        std::fill(bytes + seq_end, bytes + sizeof slot, poison);
        slot.condition_count = poison_conditions;
    }

    // Zero bytes are a ring that was reset to ticket 0; the first renew() poisons the payloads.
    std::unique_ptr<Mailbox> mailbox_ = std::make_unique<Mailbox>();
    uint64_t base_ = 0;
    bool was_reset_ = true;
};

/// A ring of every capacity that a schedule may ask for.
template <uint32_t... Capacities>
class PersistentRings {
  public:
    /// Calls `use(PersistentRing<capacity>&)`; a capacity that is not of the list does nothing.
    template <class Use>
    void with_ring_of(uint32_t capacity, Use&& use) {
        ((Capacities == capacity ? use(std::get<PersistentRing<Capacities>>(rings_)) : void()),
         ...);
    }

  private:
    std::tuple<PersistentRing<Capacities>...> rings_;
};

}  // namespace fuzz
