// Data races: two accesses to the same bytes, at least one of them a plain one and at least one a
// write, that happens-before does not order (C++20 [intro.races] p21).
//
// Epochs are compared with vector clocks, as FastTrack does (Flanagan and Freund, PLDI 2009). Plain
// accesses are kept in the cells of their bytes, atomic ones in the `touches` of their location.
// note_access() is the most frequent operation of all and stays in this header.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/shadow.h"
#include "run/execution.h"

namespace weave {

/// Checks a plain access against the atomic ones to the same bytes. A write ends the life of the
/// atomic objects there.
void check_against_atomics(Execution& execution, Cell& cell, uintptr_t address, size_t size,
                           const AccessFact& now);

/// Checks the free of a block against its allocation.
void check_against_allocation(Execution& execution, const Block& block, const AccessFact& now);

/// Reports a race of a plain access that was made earlier with a new plain access.
void report_plain_race(Execution& execution, uintptr_t address, size_t size, const Access& other,
                       uint32_t pc, bool is_write);
/// The same with an access of any kind.
void report_race_with(Execution& execution, uintptr_t address, size_t size, const Access& other,
                      const AccessFact& now);

/// Adds an access to a cell that has no room left.
void add_access(Execution& execution, Cell& cell, Access access);

/// Does an earlier access stand for the new one? Any access that races with the new one then races
/// with the earlier one too.
inline bool stands_for(const Access& earlier, const Access& now) {
    return earlier.thread == now.thread && earlier.epoch == now.epoch && earlier.kind >= now.kind &&
           (earlier.mask & now.mask) == now.mask;
}

/// Would every access that races with the earlier one race with the new one too?
inline bool covers(const Access& now, const Access& earlier) {
    return (earlier.mask & ~now.mask) == 0 && earlier.kind <= now.kind;
}

/// Checks a plain access of one cell against the others, and adds it to them, in place of those
/// that it covers. False if one of the same epoch stands for it: accesses of other threads since
/// then have been checked against that one.
WEAVE_HOT bool note_access(Execution& execution, Cell& cell, uintptr_t address, size_t size,
                           uint8_t mask, bool is_write, uint32_t pc) {
    const Thread& thread = execution.current();
    const Access now{thread.clock.happens_before(thread.id), pc, execution.step(), thread.id, mask,
                     is_write ? plain_write : plain_read};
    Access* place = nullptr;
    Access* const end = cell.accesses + cell.access_count;
    Access* last = end;
    for (Access* other = cell.accesses; other != last;) {
        if ((other->mask & mask) == 0) {
            ++other;
            continue;
        }
        if (other->epoch > thread.clock.happens_before(other->thread)) {
            if (is_write || other->kind != plain_read) [[unlikely]] {
                report_plain_race(execution, address, size, *other, pc, is_write);
            }
            ++other;
            continue;
        }
        if (stands_for(*other, now)) {
            return false;
        }
        if (!covers(now, *other)) {
            if (other->kind == allocation && is_write) {
                other->mask &= static_cast<uint8_t>(~mask);
            }
            ++other;
        } else if (place == nullptr) {
            place = other++;
        } else {
            *other = *--last;
        }
    }
    if (last != end) {
        cell.access_count = static_cast<uint16_t>(last - cell.accesses);
    }
    if (place == nullptr) {
        if (cell.access_count == cell.access_capacity) [[unlikely]] {
            add_access(execution, cell, now);
            return true;
        }
        place = last;
        ++cell.access_count;
    }
    *place = now;
    return true;
}

/// Checks an atomic access against the plain ones to the same bytes.
WEAVE_HOT void check_against_plain(Execution& execution, const Cell& cell, uintptr_t address,
                                   unsigned size, uint8_t mask, const AccessFact& now) {
    const Thread& thread = execution.current();
    for (unsigned i = 0; i < cell.access_count; ++i) {
        const Access& other = cell.accesses[i];
        if ((other.mask & mask) != 0 && (now.is_write || other.kind != plain_read) &&
            other.epoch > thread.clock.happens_before(other.thread)) {
            report_race_with(execution, address, size, other, now);
        }
    }
}

}  // namespace weave
