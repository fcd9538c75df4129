// What is known about each 8 bytes of the program's memory: the page table of shadow cells.
//
// It maps a page of the program to 512 cells. Tables and cells outlive executions: see cells.h.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/clock.h"
#include "run/base.h"

namespace weave {

struct Location;
struct SyncObject;

/// A larger kind races with everything that a smaller one races with. An allocation counts as a
/// write: an access to a block that its allocation does not happen before is a race.
enum AccessKind : uint8_t { plain_read = 0, allocation = 1, plain_write = 2 };

/// The last plain access of its kind by a thread to some of a cell's bytes.
struct Access {
    Epoch epoch;
    uint32_t pc;    ///< from the start of the program's image
    uint32_t step;  ///< the execution's, so far
    uint16_t thread;
    uint8_t mask;  ///< bytes, a bit each
    uint8_t kind;
};

struct Cell {
    static constexpr unsigned inline_accesses = 4;

    uint32_t generation;
    uint16_t access_count;
    uint16_t access_capacity;
    uint8_t usable;       ///< bytes that the program may touch; all of them outside of heap blocks
    uint8_t written;      ///< bytes that have a value; all of them outside of heap blocks
    Access* accesses;     ///< `first`, or an array in the arena
    Location* location;   ///< atomic objects that touch this cell
    SyncObject* objects;  ///< locks and the like that begin here
    Access first[inline_accesses];
};

/// The page table. Finding a cell twice in a row on one of 256 pages costs a comparison.
class Shadow {
  public:
    static constexpr size_t cells_per_page = page_bytes / 8;

    /// The cell of the 8 bytes around `address`. The caller has to look at its generation.
    Cell& raw(uintptr_t address) {
        const uintptr_t page = address / page_bytes;
        Recent& recent = recent_[page % recent_pages];
        if (recent.page != page) [[unlikely]] {
            recent = {page, find(page)};
        }
        return recent.cells[address / 8 % cells_per_page];
    }

    /// The cells of `count` times 8 bytes from `begin` on. If fewer lie side by side, `count`
    /// becomes their number.
    Cell* run(uintptr_t begin, size_t& count) {
        WEAVE_CHECK(count != 0);
        count = std::min(count, cells_per_page - begin / 8 % cells_per_page);
        return &raw(begin);
    }

    /// raw(), or null if that page is not one of the recent ones.
    Cell* recent(uintptr_t address) {
        const uintptr_t page = address / page_bytes;
        const Recent& recent = recent_[page % recent_pages];
        if (recent.page != page) [[unlikely]] {
            return nullptr;
        }
        return &recent.cells[address / 8 % cells_per_page];
    }

    /// raw(), or null if that page has no cells yet.
    Cell* raw_if_any(uintptr_t address) {
        if (Cell* const cell = recent(address); cell != nullptr) {
            return cell;
        }
        const uintptr_t page = address / page_bytes;
        const Entry& entry = table_[slot_of(page)];
        return entry.cells == nullptr ? nullptr : &entry.cells[address / 8 % cells_per_page];
    }

    /// Gives the memory of all cells back to the system if they are of more than `pages_kept`
    /// pages. Not for use while an execution runs.
    void release_if_large() {
        if (pages_ <= pages_kept) {
            return;
        }
        cells_.release();
        madvise(table_, pages_max * sizeof(Entry), MADV_DONTNEED);
        pages_ = 0;
        std::fill(recent_, recent_ + recent_pages, Recent{~uintptr_t{0}, nullptr});
    }

    Shadow() { std::fill(recent_, recent_ + recent_pages, Recent{~uintptr_t{0}, nullptr}); }

  private:
    static constexpr size_t recent_pages = 256;
    static constexpr size_t pages_kept = 4096;
    static constexpr size_t pages_max = size_t{1} << 18;  // a gigabyte of the program's memory

    struct Recent {
        uintptr_t page;
        Cell* cells;
    };
    struct Entry {
        uintptr_t page;
        Cell* cells;
    };

    /// Where a page is in the table, or the free place where it would be.
    size_t slot_of(uintptr_t page) const {
        size_t slot = page * 0x9e3779b97f4a7c15 >> 46;
        while (table_[slot].cells != nullptr && table_[slot].page != page) {
            slot = (slot + 1) % pages_max;
        }
        return slot;
    }

    Cell* find(uintptr_t page) {
        Entry& entry = table_[slot_of(page)];
        if (entry.cells == nullptr) {
            if (++pages_ == pages_max / 2) {
                die("the program touches more memory than there is room to watch");
            }
            entry = {page, cells_.array<Cell>(cells_per_page)};
        }
        WEAVE_CHECK(entry.page == page, entry.page, page);
        return entry.cells;
    }

    Recent recent_[recent_pages];
    Entry* const table_ = static_cast<Entry*>(reserve(pages_max * sizeof(Entry)));
    size_t pages_ = 0;
    Arena cells_{pages_max / 2 * cells_per_page * sizeof(Cell)};
};

}  // namespace weave
