// Data races: two accesses to the same bytes, at least one of them a plain one and at least one a
// write, that happens-before does not order (C++20 [intro.races] p21).
//
// Epochs are compared with vector clocks, as FastTrack does (Flanagan and Freund, PLDI 2009). Plain
// accesses are kept in the cells of their bytes, atomic ones in the `touches` of their location.
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

/// Reports a race of an access that was made earlier, of any kind, with a new one.
void report_race_with(Execution& execution, uintptr_t address, size_t size, const Access& other,
                      const AccessFact& now);

/// Checks a plain access of one cell against the others, and adds it to them, in place of those
/// that it covers. False if one of the same epoch stands for it: accesses of other threads since
/// then have been checked against that one. `address` is the first byte of the access.
bool note_access(Execution& execution, Cell& cell, uintptr_t address, const Access& now);

/// Gives a full list of a cell room for twice as many accesses.
void grow_list(Execution& execution, Cell& cell);

/// A plain access that the current thread makes.
WEAVE_HOT Access access_of(Execution& execution, uint8_t mask, AccessKind kind, uint32_t pc) {
    const Thread& thread = execution.current();
    return {thread.clock.happens_before(thread.id), thread.id, mask, kind, pc, execution.step()};
}

/// Does an access happen before what a thread with this clock does next?
WEAVE_HOT bool is_known(const Clock& clock, const Access& access) {
    return access.epoch <= clock.happens_before(access.thread);
}

/// Do all plain accesses of a cell happen before what the current thread does next?
WEAVE_HOT bool knows_accesses(Execution& execution, const Cell& cell) {
    const Clock& clock = execution.current().clock;
    if (cell.form == Cell::whole) [[likely]] {
        return is_known(clock, cell.last[0]) && is_known(clock, cell.last[1]);
    }
    const Access* const accesses = cell.accesses();
    const unsigned count = cell.form == Cell::halves ? 4 : cell.access_count;
    for (unsigned i = 0; i != count; ++i) {
        if (!is_known(clock, accesses[i])) {
            return false;
        }
    }
    return true;
}

/// Checks an access of another kind against the plain ones to the same bytes.
void check_against_plain(Execution& execution, const Cell& cell, uintptr_t address, unsigned size,
                         uint8_t mask, const AccessFact& now);

}  // namespace weave
