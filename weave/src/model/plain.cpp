// An access of any size is made cell by cell: the heap check, the atomic objects there, and then
// the race check.
#include "model/plain.h"

#include <algorithm>

#include "graph/graph_search.h"
#include "model/locals.h"

namespace weave {

namespace {

/// A plain access that stays within one cell.
bool access_cell(Execution& execution, Cell& cell, uintptr_t address, size_t size, bool is_write,
                 uint32_t pc, bool needs_value) {
    const uint8_t mask = mask_of(address, size);
    if (!is_simple(cell, mask, needs_value)) [[unlikely]] {
        const AccessFact now = fact_of(execution, pc, is_write, false);
        check_heap(execution, cell, address, size, mask, needs_value, now);
        check_against_atomics(execution, cell, address, size, now);
    }
    if (is_write) {
        cell.written |= mask;
    }
    return note_access(execution, cell, address,
                       access_of(execution, mask, is_write ? plain_write : plain_read, pc));
}

bool access_part(Execution& execution, uintptr_t address, size_t size, bool is_write, uint32_t pc,
                 bool needs_value) {
    return access_cell(execution, execution.cells.at(address), address, size, is_write, pc,
                       needs_value);
}

/// An access of whole cells, as far as they lie side by side. Returns how many bytes these are.
size_t access_cells(Execution& execution, uintptr_t begin, size_t size, bool is_write, uint32_t pc,
                    bool& is_new) {
    size_t count = size / 8;
    Cell* const cells = execution.cells.run(begin, count);
    const bool may_begin = is_write && is_usable(execution, begin, 8 * count);
    const Access first = access_of(execution, 0, plain_read, pc);
    const bool may_own = !is_in_frames(begin) && execution.has_quick_way();
    const uint32_t generation = execution.cells.generation();
    const uint64_t header = may_own ? execution.current().owns_whole : generation;
    for (size_t i = 0; i < count; ++i) {
        Cell& cell = cells[i];
        if (may_begin && cell.generation != generation) [[likely]] {
            // The first access of the execution, as in most objects that get their first values.
            cell.begin_with(header);
            cell.last[0] = first;
            is_new = true;
        } else {
            const uintptr_t address = begin + 8 * i;
            is_new |= access_cell(execution, execution.cells.ready(cell, address), address, 8,
                                  is_write, pc, !is_write);
        }
    }
    WEAVE_CHECK(count != 0 && begin % 8 == 0, begin, count);
    return 8 * count;
}

void free_cell(Execution& execution, Cell& cell, uintptr_t address, const AccessFact& now) {
    cell.set_usable(0);
    for (Location* location = cell.location; location != nullptr; location = location->next) {
        ++location->clearings;
    }
    if (execution.settings().held_step != Settings::nothing_held) {
        // This execution has to show what comes after the free.
        return;
    }
    if (cell.location != nullptr) {
        check_against_atomics(execution, cell, address, 8, now);
    }
    if (!knows_accesses(execution, cell)) [[unlikely]] {
        check_against_plain(execution, cell, address, 8, 0xff, now);
    }
}

/// Does the current thread know all that the others have done?
bool knows_everything(Execution& execution) {
    const Thread& self = execution.current();
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const Clock& other = execution.threads[i].clock;
        if (self.clock.happens_before(i) < other.happens_before(i)) {
            return false;
        }
    }
    return true;
}

/// A loop of waits that ends at a time which other threads can see reads this time in each round.
/// What is left until then tells its rounds apart.
void note_later_time(Execution& execution, uintptr_t address) {
    Thread& thread = execution.current();
    const uint64_t left = is_in_state(execution, address) ? 0 : left_until(address, thread.time_ns);
    if (left != 0) {
        Sum sum;
        sum.add(thread.later_times);
        sum.add(left);
        thread.later_times = sum.total();
    }
}

/// Tells a search through graphs of an access, if it wants to see them.
void show_access(Execution& execution, uintptr_t address, size_t size, bool is_write) {
    if (execution.current().watches_times && !is_write && size == sizeof(uint64_t)) [[unlikely]] {
        note_later_time(execution, address);
    }
    if (GraphSearch* const graph = execution.graph(); graph != nullptr && graph->watches_plain()) {
        graph->sees_plain(address, size, is_write);
    }
}

}  // namespace

bool plain_access(Execution& execution, uintptr_t address, size_t size, bool is_write,
                  uint32_t pc) {
    execution.hold_access(/*is_atomic=*/false);
    show_access(execution, address, size, is_write);
    if (is_in_frames(address)) {
        check_frame(execution, address, size, is_write, pc);
    }
    if (is_write) {
        note_write(execution.current(), address);
    }
    bool is_new = false;
    while (size != 0) {
        size_t part = std::min(size, 8 - (address & 7));
        if (part == 8) {
            part = access_cells(execution, address, size, is_write, pc, is_new);
        } else {
            is_new |= access_part(execution, address, part, is_write, pc, !is_write);
        }
        address += part;
        size -= part;
    }
    return is_new;
}

bool plain_access_of_cell(Execution& execution, uintptr_t address, size_t size, bool is_write,
                          uint32_t pc) {
    WEAVE_CHECK(size != 0 && address % 8 + size <= 8, address, size);
    if (is_in_frames(address)) {
        check_frame(execution, address, size, is_write, pc);
    }
    if (is_write) {
        note_write(execution.current(), address);
    }
    return access_part(execution, address, size, is_write, pc, !is_write);
}

void plain_read_of_any(Execution& execution, uintptr_t address, size_t size, uint32_t pc) {
    execution.hold_access(/*is_atomic=*/false);
    show_access(execution, address, size, false);
    while (size != 0) {
        const size_t part = std::min(size, 8 - (address & 7));
        access_part(execution, address, part, false, pc, false);
        address += part;
        size -= part;
    }
}

void plain_copy(Execution& execution, uintptr_t to, uintptr_t from, size_t size, uint32_t pc) {
    execution.hold_access(/*is_atomic=*/false);
    show_access(execution, to, size, true);
    note_write(execution.current(), to);
    for (size_t done = 0; done < size;) {
        const size_t part = std::min({size - done, 8 - ((from + done) & 7), 8 - ((to + done) & 7)});
        WEAVE_CHECK(1 <= part && part <= 8, part, size, done);
        access_part(execution, from + done, part, false, pc, false);
        access_part(execution, to + done, part, true, pc, false);
        // Copies of bytes without a value have none.
        const Cell& source = execution.cells.at(from + done);
        if ((source.written & mask_of(from + done, part)) == 0 &&
            still_has_fill(from + done, part)) {
            Cell& target = execution.cells.at(to + done);
            target.written &= static_cast<uint8_t>(~mask_of(to + done, part));
            target.owner = 0;
        }
        done += part;
    }
}

void free_access(Execution& execution, const Block& block, uint32_t pc) {
    WEAVE_CHECK(!block.is_freed && block.size <= block.capacity, block.number, block.size);
    AccessFact now = fact_of(execution, pc, true, false);
    now.is_free = true;
    const bool is_held = execution.settings().held_step != Settings::nothing_held;
    if (!is_held) {
        check_against_allocation(execution, block, now);
    }
    const bool is_certain = !is_held && knows_everything(execution);
    for (uintptr_t begin = block.base; begin < block.base + block.size;) {
        size_t count = (block.base + block.size - begin + 7) / 8;
        Cell* const cells = execution.cells.run(begin, count);
        for (size_t i = 0; i < count; ++i) {
            if (is_certain) {
                // Nothing races with the free, and what comes later finds a block that is freed.
                cells[i].generation = 0;
            } else if (execution.cells.is_ready(cells[i])) {
                free_cell(execution, cells[i], begin + 8 * i, now);
            }
        }
        begin += 8 * count;
    }
}

}  // namespace weave
