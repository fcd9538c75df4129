// What is known about each 8 bytes of the program's memory: the page table of shadow cells.
//
// It maps a page of the program to 512 cells. Tables and cells outlive executions: see cells.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "model/clock.h"
#include "run/base.h"

namespace weave {

struct Location;
struct SyncObject;

/// A larger kind races with everything that a smaller one races with. An allocation counts as a
/// write: an access to a block that its allocation does not happen before is a race.
enum AccessKind : uint8_t { plain_read = 0, allocation = 1, plain_write = 2 };

/// The last plain access of its kind by a thread to some of a cell's bytes.
struct alignas(8) Access {
    Epoch epoch;  ///< 0: there is none
    uint16_t thread;
    uint8_t mask;  ///< bytes, a bit each
    uint8_t kind;
    uint32_t pc;    ///< from the start of the program's image
    uint32_t step;  ///< the execution's, so far
};

/// Epoch, thread, mask and kind as one number.
WEAVE_HOT uint64_t key_of(const Access& access) {
    uint64_t key;
    std::memcpy(&key, &access, sizeof key);
    return key;
}

/// Makes it none. The key is written as it is read.
WEAVE_HOT void clear(Access& access) {
    constexpr uint64_t none = 0;
    std::memcpy(&access, &none, sizeof none);
}

/// What is known about 8 bytes.
///
/// Most cells are used as one object or as two of 4 bytes, whose last write happens before the last
/// read, and that before what comes next. Their accesses are in `last`, by place: `mask` and `kind`
/// are 0, except that an allocation is in the place of a write. All other cells have a list.
struct alignas(16) Cell {
    enum Form : uint8_t {
        whole,   ///< `last` has the write and the read of all bytes
        halves,  ///< `last` has those of the lower 4 bytes, and then those of the upper ones
        list     ///< access_count accesses
    };
    static constexpr unsigned inline_accesses = 4;

    uint32_t generation;
    /// A thread's id + 1: all of the bytes are usable, have values, and are of no atomic object nor
    /// frame, the form is not `list`, and the thread knows all accesses. 0: no such thread is
    /// noted.
    uint16_t owner;
    Form form;
    uint8_t unused;   ///< 0
    uint8_t usable;   ///< bytes that the program may touch; all of them outside of heap blocks
    uint8_t written;  ///< bytes that have a value; all of them outside of heap blocks
    uint16_t access_count;
    uint32_t access_capacity;
    Location* location;   ///< atomic objects that touch this cell
    SyncObject* objects;  ///< locks and the like that begin here
    union {
        Access last[inline_accesses];  ///< by place, or a list that has room here
        Access* more;                  ///< a longer list, in the arena
    };

    Access* accesses() { return access_capacity == inline_accesses ? last : more; }
    const Access* accesses() const { return access_capacity == inline_accesses ? last : more; }

    /// The first members as one number, and the number that they are if `owner` is a thread's.
    WEAVE_HOT uint64_t header() const {
        uint64_t header;
        std::memcpy(&header, this, sizeof header);
        return header;
    }
    /// All of them at once, as they are read.
    WEAVE_HOT void set_header(uint64_t header) {
        std::memcpy(static_cast<void*>(this), &header, sizeof header);
    }
    /// If header() and the number that it would be for an owner differ by these bits: has the cell
    /// another owner, and else the same form?
    static bool differ_in_owner(uint64_t bits) {
        constexpr uint64_t owner_bits = uint64_t{0xffff} << 32;
        return (bits & ~owner_bits) == 0;
    }
    static uint64_t header_of(uint32_t generation, unsigned owner, Form form) {
        return generation | uint64_t{owner + 1} << 32 | uint64_t{form} << 48;
    }

    /// What no cell has, used or not.
    static constexpr uint64_t no_header = ~uint64_t{0};

    /// Begins anew: all bytes are usable and have values, and there were no accesses.
    WEAVE_HOT void begin(uint32_t new_generation) { begin_with(new_generation); }
    /// The same with a header_of() that says more.
    WEAVE_HOT void begin_with(uint64_t header) {
        set_header(header);
        usable = written = 0xff;
        location = nullptr;
        objects = nullptr;
        clear_places();
    }
    /// Forgets all accesses.
    void begin_places() {
        form = whole;
        clear_places();
    }
    WEAVE_HOT void clear_places() {
        access_count = 0;
        access_capacity = inline_accesses;
        clear(last[0]);
        clear(last[1]);
    }
    /// Gives each half the accesses of the whole.
    void split() {
        last[2] = last[0];
        last[3] = last[1];
        form = halves;
    }
    void set_usable(uint8_t bytes) {
        usable = bytes;
        owner = 0;
    }
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
        if (recent.page != page) {
            return nullptr;
        }
        Cell* const cell = &recent.cells[address / 8 % cells_per_page];
        __builtin_assume(cell != nullptr);
        return cell;
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

    /// Gives the memory of all cells back to the system if they are of more than `pages_kept` pages
    /// and still become more: an execution that uses the same pages as the one before it does not
    /// wait for the system to give them again. Not for use while an execution runs.
    void release_if_large() {
        const size_t before = std::exchange(pages_before_, pages_);
        if (before <= pages_kept || pages_ == before) {
            return;
        }
        cells_.release();
        madvise(table_, pages_max * sizeof(Entry), MADV_DONTNEED);
        pages_ = pages_before_ = 0;
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
    size_t pages_before_ = 0;  ///< when the last execution began
    Arena cells_{pages_max / 2 * cells_per_page * sizeof(Cell)};
};

}  // namespace weave
