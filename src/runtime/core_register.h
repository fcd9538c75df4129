// The register through which a scheduler thread and a core talk, and what a word in it means to the
// scheduler.
//
// A core has one task in its running slot and at most one in its pending slot, dispatched ahead so
// that it can start without waiting for the scheduler. The core acknowledges a task when it starts
// (ACK) and says when it is finished (FIN); it has a single word for both, so a later word hides an
// earlier one. A core starts its tasks in the order of their ids, so a word about one task also
// tells that those dispatched before it are done.
#pragma once

#include <cstdint>

#include "pto_assert.h"

namespace pto {

inline constexpr uint32_t AICORE_REG_ID_MASK = 0x7FFFFFFF;
/// Bit 31 of a word that a core writes: set for FIN, clear for ACK.
inline constexpr uint32_t AICORE_REG_FIN = 0x80000000;
/// Ids from this one on are not dispatches.
inline constexpr uint32_t AICORE_REG_RESERVED = 0x7FFFFFF0;

/// What a doorbell says besides dispatch ids: leave, and nothing to do.
inline constexpr uint32_t AICORE_DOORBELL_EXIT = 0x7FFFFFF0;
inline constexpr uint32_t AICORE_DOORBELL_IDLE = 0x7FFFFFFD;

/// What a core's word says besides ACK and FIN of a dispatch: it has nothing to do, as before its
/// first task; it has left.
inline constexpr uint32_t AICORE_STATUS_IDLE = AICORE_REG_FIN | 0x7FFFFFFF;
inline constexpr uint32_t AICORE_STATUS_EXITED = AICORE_REG_FIN | 0x7FFFFFFE;

constexpr bool is_dispatch_id(uint32_t id) noexcept { return id < AICORE_REG_RESERVED; }

/// A word as a core writes it: what happened, to which dispatch.
struct CoreWord {
    uint32_t id;
    bool is_fin;

    static constexpr CoreWord of(uint32_t raw) noexcept {
        return {raw & AICORE_REG_ID_MASK, (raw & AICORE_REG_FIN) != 0};
    }
    constexpr uint32_t raw() const noexcept { return id | (is_fin ? AICORE_REG_FIN : 0); }
};

/// The id of the dispatch after `id` on the same core. Skips what is not a dispatch, and alternates
/// between even and odd always, the skip included, because the lowest bit chooses which of the
/// core's two slabs and payloads a dispatch uses.
constexpr uint32_t next_dispatch_id(uint32_t id) noexcept {
    PTO_ASSERT(is_dispatch_id(id), id);
    const uint32_t next = id + 1;
    // The last dispatch id is odd, and the one after it must be even.
    return is_dispatch_id(next) ? next : 0;
}
static_assert((AICORE_REG_RESERVED - 1) % 2 == 1);

/// Which of a core's two slots a word completes, in this order, and what happens to the slots then.
enum class CoreTransition : uint8_t {
    NONE,                          ///< the word says nothing new
    FREE_PENDING,                  ///< the running task started: the pending slot may be used
    COMPLETE_RUNNING_AND_PROMOTE,  ///< the pending task started: it is the running one from now on
    COMPLETE_RUNNING,              ///< both slots are empty then
    COMPLETE_PENDING_AND_RUNNING,  ///< both slots are empty then
};

/// The dispatches that a scheduler thread has given to one core and not yet seen finished. Used by
/// that one thread.
///
/// The pending slot counts as occupied from every dispatch until an ACK was seen, also when the
/// dispatch went to the running slot: so a second dispatch follows an observed ACK, and the word of
/// the first cannot be hidden before it was seen to have started.
struct CoreSlots {
    static constexpr uint32_t none = AICORE_REG_ID_MASK;

    uint32_t running_id = none;
    uint32_t pending_id = none;
    bool is_pending_occupied = false;

    /// The slots in one word, for a reader in another thread, and back.
    constexpr uint64_t packed() const noexcept {
        return uint64_t{running_id} << 32 | uint64_t{pending_id} << 1 |
               (is_pending_occupied ? 1u : 0u);
    }
    static constexpr CoreSlots unpacked(uint64_t word) noexcept {
        return {static_cast<uint32_t>(word >> 32), static_cast<uint32_t>(word) >> 1,
                (word & 1) != 0};
    }

    bool is_idle() const noexcept { return running_id == none; }
    /// May a task be dispatched to the pending slot?
    bool can_take_pending() const noexcept { return !is_idle() && !is_pending_occupied; }

    /// Records a dispatch, to the running slot of an idle core, else to the pending one.
    void dispatched(uint32_t id) noexcept {
        PTO_ASSERT(is_dispatch_id(id), id);
        PTO_ASSERT(is_idle() || can_take_pending(), running_id, pending_id, id);
        PTO_ASSERT(pending_id == none, pending_id, id);
        (is_idle() ? running_id : pending_id) = id;
        is_pending_occupied = true;
    }

    /// What `word` says of these slots. Changes nothing.
    CoreTransition transition(CoreWord word) const noexcept {
        if (!is_dispatch_id(word.id)) {
            return CoreTransition::NONE;
        }
        const bool has_pending = pending_id != none;
        if (has_pending && word.id == pending_id) {
            return word.is_fin ? CoreTransition::COMPLETE_PENDING_AND_RUNNING
                               : CoreTransition::COMPLETE_RUNNING_AND_PROMOTE;
        }
        if (word.id != running_id) {
            return CoreTransition::NONE;
        }
        // With a task pending, a FIN of the running one is about to be replaced by the pending
        // one's ACK, and the running one is completed then.
        if (has_pending) {
            return CoreTransition::NONE;
        }
        if (word.is_fin) {
            return CoreTransition::COMPLETE_RUNNING;
        }
        return is_pending_occupied ? CoreTransition::FREE_PENDING : CoreTransition::NONE;
    }

    /// Moves the slots on. The tasks that the transition completes have to be noted before.
    void apply(CoreTransition transition) noexcept {
        switch (transition) {
            case CoreTransition::NONE:
                break;
            case CoreTransition::FREE_PENDING:
                PTO_ASSERT(running_id != none && pending_id == none, running_id, pending_id);
                is_pending_occupied = false;
                break;
            case CoreTransition::COMPLETE_RUNNING_AND_PROMOTE:
                PTO_ASSERT(running_id != none && pending_id != none, running_id, pending_id);
                running_id = pending_id;
                pending_id = none;
                is_pending_occupied = false;
                break;
            case CoreTransition::COMPLETE_RUNNING:
            case CoreTransition::COMPLETE_PENDING_AND_RUNNING:
                PTO_ASSERT(running_id != none, pending_id);
                *this = {};
                break;
        }
    }
};

}  // namespace pto
