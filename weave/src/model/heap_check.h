// Whether an access is to memory that the program may touch, and whether a load has a value to
// load: use after free, out of bounds, uninitialised.
//
// Only the heap is checked, byte by byte, by the masks `usable` and `written` of each cell. A load
// of bytes that have no value is undefined ([basic.indet] p2); it is reported if the program has
// not written any of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/shadow.h"
#include "run/execution.h"

namespace weave {

/// The bits of a cell for `size` bytes at `address`, all of which lie in it.
inline uint8_t mask_of(uintptr_t address, size_t size) {
    return static_cast<uint8_t>(((1u << size) - 1) << (address & 7));
}

/// An access that the current thread is making.
inline AccessFact fact_of(Execution& execution, uint32_t pc, bool is_write, bool is_atomic) {
    return {pc, execution.step(), execution.current().id, is_write, is_atomic, false, false};
}

/// The free of a block, as one side of a finding.
inline AccessFact free_of(const Block& block) {
    return {block.freed_pc, block.freed_step, block.freed_by, true, false, true, false};
}

/// Ends the execution if an access of these bytes of a cell is not allowed. A load of bytes that
/// count as written from now on.
void check_heap(Execution& execution, Cell& cell, uintptr_t address, size_t size, uint8_t mask,
                bool is_read, const AccessFact& now);

/// True if the bytes still hold what fresh memory holds.
bool still_has_fill(uintptr_t address, size_t size);

/// True if the address lies in memory that is not freed.
bool is_in_use(Execution& execution, uintptr_t address);
/// True if all of these bytes lie in memory that is not freed, and whose allocation happens before
/// what the current thread does. Costs no more for many bytes.
bool is_usable(Execution& execution, uintptr_t begin, size_t size);

/// Ends the life of the current thread's thread_local objects: no thread may touch them any more.
void end_locals(Execution& execution);

/// Ends the execution if a lock or the like, which other threads are to see, is in memory that was
/// freed.
void sync_access(Execution& execution, uintptr_t address, uint32_t pc);

}  // namespace weave
