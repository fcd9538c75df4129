// Plain accesses: the quick way, for those that are neither wrong nor next to an atomic object, and
// the long way for all others.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/heap_check.h"
#include "model/locals.h"
#include "model/race.h"
#include "run/execution.h"
#include "run/stacks.h"

namespace weave {

/// Checks a plain access of any size. False if the current thread has made it already, and released
/// nothing since.
bool plain_access(Execution& execution, uintptr_t address, size_t size, bool is_write, uint32_t pc);

/// Checks a read of bytes that need not have a value.
void plain_read_of_any(Execution& execution, uintptr_t address, size_t size, uint32_t pc);

/// Checks the reads and writes of a memcpy, which may copy bytes without a value.
void plain_copy(Execution& execution, uintptr_t to, uintptr_t from, size_t size, uint32_t pc);

/// Checks that the end of a block's life is ordered after all accesses to it.
void free_access(Execution& execution, const Block& block, uint32_t pc);

/// Is a plain access of these bytes of a cell neither wrong nor next to an atomic object?
WEAVE_HOT bool is_simple(const Cell& cell, uint8_t mask, bool needs_value) {
    return (cell.usable & mask) == mask && (!needs_value || (cell.written & mask) != 0) &&
           cell.location == nullptr;
}

/// Counts a write as a change of the thread's, which ends its spinning. Writes to its own stack
/// and to frames do not count: spin.cpp compares what they hold.
inline void note_write(Thread& thread, uintptr_t address) {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(thread.stack);
    thread.changes += offset >= stack_bytes && !is_in_frames(address) ? 1 : 0;
}

/// A plain access of a size that the compiler knows. False if plain_access() has to make it;
/// `is_new` is what plain_access() returns.
template <unsigned Size, bool IsWrite>
WEAVE_HOT bool is_quick_access(Execution& execution, uintptr_t address, uint32_t pc, bool& is_new) {
    Cell* const cell = execution.cells.recent_if_ready(address);
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
