// Plain accesses: the quick way, for cells that the current thread owns, and the long way for all
// others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "model/heap_check.h"
#include "model/locals.h"
#include "model/race.h"
#include "model/thread_state.h"
#include "run/execution.h"

namespace weave {

/// Checks a plain access of any size. False if the current thread has made it already, and released
/// nothing since.
bool plain_access(Execution& execution, uintptr_t address, size_t size, bool is_write, uint32_t pc);

/// Does nothing look at plain accesses, and may none be a choice point?
WEAVE_HOT bool is_unseen(Execution& execution) {
    return execution.graph() == nullptr && execution.has_quick_accesses() &&
           !execution.current().watches_times;
}

/// The same as plain_access() for an access that stays within one cell, if is_unseen().
bool plain_access_of_cell(Execution& execution, uintptr_t address, size_t size, bool is_write,
                          uint32_t pc);

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

/// Counts a write as a change of the thread's, which ends its spinning. Writes to its own locals do
/// not count: its state has what they hold.
inline void note_write(Thread& thread, uintptr_t address) {
    thread.changes += is_own_local(thread, address) ? 0 : 1;
}

enum class Quick : uint8_t {
    no,       ///< plain_access() has to make the access
    is_new,   ///< it is made
    repeated  ///< it is made, and plain_access() would have returned false
};

/// Notes an access of the current thread in its place: `last` has the write and the read there.
template <bool IsWrite>
WEAVE_HOT Quick note_last(Execution& execution, Access* last, const void* return_address) {
    const Thread& thread = execution.current();
    if (key_of(last[0]) == thread.key || (!IsWrite && key_of(last[1]) == thread.key)) {
        return Quick::repeated;
    }
    Access& place = last[IsWrite ? 0 : 1];
    std::memcpy(&place, &thread.key, sizeof thread.key);
    place.pc = pc_of(return_address);
    place.step = execution.step();
    if (IsWrite) {
        clear(last[1]);
    }
    return Quick::is_new;
}

/// The accesses of 4 or 8 bytes of a cell that has that form.
template <unsigned Size>
WEAVE_HOT Access* place_of(Cell& cell, uintptr_t address) {
    return cell.last + (Size == 4 ? address / 4 % 2 * 2 : 0);
}

/// The form of the cells that accesses of 4 or 8 bytes are quick to.
template <unsigned Size>
constexpr Cell::Form quick_form = Size == 8 ? Cell::whole : Cell::halves;

/// The header of such a cell that the thread owns.
template <unsigned Size>
WEAVE_HOT uint64_t header_of_own(const Thread& thread) {
    static_assert(Size == 4 || Size == 8);
    return Size == 8 ? thread.owns_whole : thread.owns_halves;
}

/// A plain access of 4 or 8 bytes to a cell that the current thread owns.
template <unsigned Size, bool IsWrite>
WEAVE_HOT Quick access_own(Execution& execution, Cell& cell, uintptr_t address,
                           const void* return_address) {
    Thread& thread = execution.current();
    if (IsWrite) {
        thread.changes += is_on_stack(thread, address) ? 0 : 1;
    }
    return note_last<IsWrite>(execution, place_of<Size>(cell, address), return_address);
}

/// The same if another thread owns it: the current one becomes the owner, if it knows all accesses.
template <unsigned Size, bool IsWrite>
WEAVE_HOT Quick access_of_other(Execution& execution, Cell& cell, uintptr_t address,
                                const void* return_address) {
    const Thread& thread = execution.current();
    for (unsigned i = 0; i < (Size == 8 ? 2 : 4); ++i) {
        if (!is_known(thread.clock, cell.last[i])) {
            return Quick::no;
        }
    }
    cell.set_header(header_of_own<Size>(thread));
    return access_own<Size, IsWrite>(execution, cell, address, return_address);
}

/// A plain access of 4 or 8 bytes that makes the current thread the owner of a cell that has, or
/// can get, the form for it.
template <unsigned Size, bool IsWrite>
WEAVE_HOT Quick access_to_own(Execution& execution, uintptr_t address, const void* return_address) {
    Thread& thread = execution.current();
    if (address % Size != 0 || is_in_frames(address)) [[unlikely]] {
        return Quick::no;
    }
    Cell* const cell = &execution.cells.at(address);
    constexpr Cell::Form form = quick_form<Size>;
    if (cell->form == Cell::list || (form != cell->form && Size == 8 && !IsWrite) ||
        !is_simple(*cell, mask_of(address, Size), !IsWrite) || !knows_accesses(execution, *cell))
        [[unlikely]] {
        return Quick::no;
    }
    if (form != cell->form) {
        if (Size == 8) {
            cell->begin_places();
        } else {
            cell->split();
        }
    }
    if (IsWrite) {
        thread.changes += is_on_stack(thread, address) ? 0 : 1;
        cell->written |= mask_of(address, Size);
    }
    if ((cell->usable & cell->written) == 0xff) {
        cell->set_header(header_of_own<Size>(thread));
    } else {
        cell->owner = 0;
    }
    return note_last<IsWrite>(execution, place_of<Size>(*cell, address), return_address);
}

/// Does a read race with one of the accesses of a cell with a list?
WEAVE_HOT bool races_with_write(const Clock& clock, const Cell& cell, uint8_t mask) {
    const Access* const accesses = cell.accesses();
    for (unsigned i = 0; i != cell.access_count; ++i) {
        if ((accesses[i].mask & mask) != 0 && accesses[i].kind != plain_read &&
            !is_known(clock, accesses[i])) {
            return true;
        }
    }
    return false;
}

/// A read of a cell with a list, as those have that several threads read. It does what
/// note_access() does; Quick::no if there is more to do, or something is wrong.
template <unsigned Size>
WEAVE_HOT Quick read_in_list(Execution& execution, uintptr_t address, const void* return_address) {
    Cell* const cell = execution.cells.recent_if_ready(address);
    const uint8_t mask = mask_of(address, Size);
    const Thread& thread = execution.current();
    if (cell == nullptr || cell->form != Cell::list || address % 8 + Size > 8 ||
        !is_simple(*cell, mask, true) || is_in_frames(address) ||
        races_with_write(thread.clock, *cell, mask)) {
        return Quick::no;
    }
    Access* const accesses = cell->accesses();
    const auto epoch = static_cast<Epoch>(thread.key);
    const unsigned count = cell->access_count;
    unsigned kept = 0;
    bool is_new = true;
    for (unsigned i = 0; i != count; ++i) {
        Access& other = accesses[i];
        if ((other.mask & mask) != 0 && is_known(thread.clock, other)) {
            if (other.thread == thread.id && other.epoch == epoch && (other.mask & mask) == mask) {
                is_new = false;
            } else if (other.kind == plain_read) {
                // What races with the earlier read of these bytes races with the new one too.
                other.mask &= static_cast<uint8_t>(~mask);
                if (other.mask == 0) {
                    continue;
                }
            }
        }
        if (kept != i) {
            accesses[kept] = other;
        }
        ++kept;
    }
    cell->access_count = static_cast<uint16_t>(kept);
    if (!is_new) {
        return Quick::repeated;
    }
    if (kept == cell->access_capacity) [[unlikely]] {
        grow_list(execution, *cell);
    }
    cell->accesses()[cell->access_count++] =
        access_of(execution, mask, plain_read, pc_of(return_address));
    return Quick::is_new;
}

}  // namespace weave
