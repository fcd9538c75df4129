// The check of a plain access, which a program makes far more often than any other: the path of
// those that are neither wrong nor next to an atomic object. memory.cpp has the rest.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/execution.h"
#include "model/shadow.h"

namespace weave {

inline uint8_t mask_of(uintptr_t address, size_t size) {
    return static_cast<uint8_t>(((1u << size) - 1) << (address & 7));
}

inline AccessFact fact_of(Execution& execution, uint32_t pc, bool is_write, bool is_atomic) {
    return {pc, execution.step(), execution.current().id, is_write, is_atomic, false};
}

/// May the program touch these bytes, and has a load something to load?
void check_heap(Execution& execution, Cell& cell, uintptr_t address, size_t size, uint8_t mask,
                bool is_read, const AccessFact& now);
/// A plain access against the atomic ones of the same bytes.
void check_against_atomics(Execution& execution, Cell& cell, uintptr_t address, size_t size,
                           const AccessFact& now);
void report_plain_race(Execution& execution, uintptr_t address, size_t size, const Access& other,
                       uint32_t pc, bool is_write);
/// Adds an access for which there is no room.
void add_access(Execution& execution, Cell& cell, Access access);

/// Does an earlier access stand for the new one, because nobody can have come in between?
inline bool stands_for(const Access& earlier, const Access& now) {
    return earlier.thread == now.thread && earlier.epoch == now.epoch && earlier.kind >= now.kind &&
           (earlier.mask & now.mask) == now.mask;
}

/// Would every access that races with the earlier one race with the new one too?
inline bool covers(const Access& now, const Access& earlier) {
    return (earlier.mask & ~now.mask) == 0 && earlier.kind <= now.kind;
}

/// Checks a plain access of one cell against the others, and adds it to them, in place of those
/// that it covers. False if one of the same epoch stands for it: then whoever came in between has
/// been checked against that one.
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
            if (is_write || other->kind == plain_write) [[unlikely]] {
                report_plain_race(execution, address, size, *other, pc, is_write);
            }
            ++other;
            continue;
        }
        if (stands_for(*other, now)) {
            return false;
        }
        if (!covers(now, *other)) {
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

/// Is a plain access of these bytes of a cell neither wrong nor next to an atomic object?
WEAVE_HOT bool is_simple(const Cell& cell, uint8_t mask, bool needs_value) {
    return (cell.usable & mask) == mask && (!needs_value || (cell.written & mask) != 0) &&
           cell.location == nullptr;
}

/// What a thread writes to its own stack is compared when it spins; anything else is not.
inline void note_write(Thread& thread, uintptr_t address) {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(thread.stack);
    thread.changes += offset >= Execution::stack_bytes ? 1 : 0;
}

/// A plain access of a size that the compiler knows. False if it has to go the long way, which is
/// plain_access(); `is_new` tells whether it repeats one of the same epoch.
template <unsigned Size, bool IsWrite>
WEAVE_HOT bool is_quick_access(Execution& execution, uintptr_t address, uint32_t pc, bool& is_new) {
    Cell* const cell = execution.ready_cell(address);
    const uint8_t mask = mask_of(address, Size);
    if (Size > 8 - (address & 7) || cell == nullptr || !is_simple(*cell, mask, !IsWrite))
        [[unlikely]] {
        return false;
    }
    if (IsWrite) {
        note_write(execution.current(), address);
        cell->written |= mask;
    }
    is_new = note_access(execution, *cell, address, Size, mask, IsWrite, pc);
    return true;
}

}  // namespace weave
