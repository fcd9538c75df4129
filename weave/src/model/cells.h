// The shadow cells of the current execution: what is known of each 8 bytes of the program's memory.
//
// A cell becomes *ready* when an execution first uses it: it then has that execution's generation.
// Cells of earlier executions count as untouched, so nothing is cleared between executions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/heap.h"
#include "model/locals.h"
#include "model/shadow.h"
#include "run/base.h"

namespace weave {

class Cells {
  public:
    explicit Cells(Heap& heap) : heap_(heap) {}

    void begin_execution() {
        ++generation_;
        shadow_.release_if_large();
    }
    /// Number of the execution within the process, from 1.
    uint32_t generation() const { return generation_; }

    /// The cell of an address, made ready.
    WEAVE_HOT Cell& at(uintptr_t address) { return ready(shadow_.raw(address), address); }

    /// Makes a cell ready that was found before other threads ran: a free may have ended its use.
    WEAVE_HOT Cell& ready(Cell& cell, uintptr_t address) {
        if (cell.generation != generation_) [[unlikely]] {
            begin(cell, address);
        }
        return cell;
    }
    bool is_ready(const Cell& cell) const { return cell.generation == generation_; }

    /// The cell of an address if it is ready and its page is one of the recent ones, else null.
    Cell* recent_if_ready(uintptr_t address) {
        Cell* const cell = shadow_.recent(address);
        return cell != nullptr && is_ready(*cell) ? cell : nullptr;
    }
    /// The cell of an address if it is ready, else null.
    Cell* if_ready(uintptr_t address) {
        Cell* const cell = shadow_.raw_if_any(address);
        return cell != nullptr && is_ready(*cell) ? cell : nullptr;
    }

    /// False if no byte of the page around `address` was ever accessed.
    bool has_page(uintptr_t address) { return shadow_.raw_if_any(address) != nullptr; }

    /// The cells from that of `begin` on, ready or not: `count` of them, or fewer if fewer lie side
    /// by side, and then `count` says how many.
    Cell* run(uintptr_t begin, size_t& count) { return shadow_.run(begin, count); }

    /// Makes a cell ready whose bytes the program may all touch.
    WEAVE_HOT void begin_usable(Cell& cell) { cell.begin(generation_); }

    /// The cell of an address if its page is one of the recent ones, ready or not, else null.
    WEAVE_HOT Cell* recent(uintptr_t address) { return shadow_.recent(address); }

  private:
    WEAVE_HOT void begin(Cell& cell, uintptr_t address) {
        WEAVE_CHECK(generation_ != 0);
        begin_usable(cell);
        cell.set_usable(usable_by_layout(address));
        if (heap_.contains(address)) {
            begin_on_heap(cell, address & ~uintptr_t{7});
        }
    }
    void begin_on_heap(Cell& cell, uintptr_t begin);

    Heap& heap_;
    uint32_t generation_ = 0;
    Shadow shadow_;
};

}  // namespace weave
