// Atomic objects: each has the list of its stores, in modification order (C++20 [intro.races] p4).
//
// This file has the lists and how an access finds its own. order.h has which of the stores a load
// may return, and atomic.h the operations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "model/clock.h"
#include "model/shadow.h"
#include "run/base.h"

namespace weave {

class Execution;

/// The value of an object of up to 16 bytes; bytes past its size are 0.
struct Value {
    uint64_t low = 0;
    uint64_t high = 0;
    bool operator==(const Value&) const = default;
};

/// The first read of a store by a thread that has not made it.
struct Reader {
    Epoch at;  ///< coherence of the thread
    uint16_t thread;
};

struct Store {
    static constexpr unsigned inline_readers = 4;

    Store* newer;
    Store* older;
    Value value;
    const Snapshot* release;  ///< what synchronises with an acquire load of it, or null
    Reader* readers;          ///< `first_readers`, or an array in the arena
    Epoch epoch;              ///< of the writer; 0 for the initial value, which all threads know
    uint32_t sc_position;     ///< of the first SC operation that made or read it; 0: none
    uint32_t number;          ///< within the execution, from 1
    uint32_t step;
    uint32_t pc;
    uint16_t writer;
    uint16_t reader_count;
    uint16_t reader_capacity;
    bool is_rmw;
    Reader first_readers[inline_readers];
};

/// The last atomic accesses of a thread to an object, for the checks against plain ones.
struct Touch {
    Epoch read;  ///< 0: none
    uint32_t read_pc;
    uint32_t read_step;
    Epoch write;  ///< 0: none
    uint32_t write_pc;
    uint32_t write_step;
    /// Location::clearings when an access of the thread was ordered after all plain ones made so
    /// far; the object also had a value, in memory that was in use.
    uint32_t cleared;
    /// The store that the thread has made or read last, so that it knows of no newer one by itself;
    /// null: none.
    const Store* known;
};

/// An atomic object.
struct Location {
    static constexpr unsigned inline_touches = 4;

    uintptr_t address = 0;
    uint8_t size = 0;
    bool is_mixed = false;  ///< accessed in several sizes: its history is that of the widest
    uint16_t touch_capacity = inline_touches;
    uint32_t number = 0;  ///< within the execution, from 1
    Store* newest = nullptr;
    Touch* touches = first_touches;  ///< by thread; an array in the arena if there are more
    uint32_t clearings = 1;    ///< counts the plain accesses that Touch::cleared has to look at
    Location* next = nullptr;  ///< another object in the same cell
    Location* made_before = nullptr;  ///< the one with the next lower number
    bool has_spinners = false;
    ThreadSet spinners;  ///< threads that wait for it to change
    Touch first_touches[inline_touches]{};
};

/// Numbers for the objects and stores of an execution.
class Locations {
  public:
    void begin_execution() {
        locations_ = stores_ = 0;
        newest_ = nullptr;
        had_unseen_store_ = has_local_ = false;
    }
    /// Numbers an object.
    void add(Location& location) {
        location.number = ++locations_;
        location.made_before = newest_;
        newest_ = &location;
    }
    /// The object that was made last, or null.
    const Location* newest() const { return newest_; }
    uint32_t next_store() { return ++stores_; }

    /// Has code that is not instrumented changed an object? A thread then knows a part of what
    /// others did in an epoch.
    bool had_unseen_store() const { return had_unseen_store_; }
    void note_unseen_store() { had_unseen_store_ = true; }

    /// Is an object on the stack of a thread?
    bool has_local() const { return has_local_; }
    void note_local() { has_local_ = true; }

  private:
    uint32_t locations_ = 0;
    uint32_t stores_ = 0;
    Location* newest_ = nullptr;
    bool had_unseen_store_ = false;
    bool has_local_ = false;
};

// ----- bytes of the program ---------------------------------------------------------------------

/// Calls `with` with the size of an atomic object as a constant: a copy of a size that the compiler
/// knows is a move.
template <class With>
WEAVE_HOT void with_size(unsigned size, With with) {
    switch (size) {
        case 1:
            return with(std::integral_constant<size_t, 1>{});
        case 2:
            return with(std::integral_constant<size_t, 2>{});
        case 4:
            return with(std::integral_constant<size_t, 4>{});
        case 8:
            return with(std::integral_constant<size_t, 8>{});
        default:
            return with(std::integral_constant<size_t, 16>{});
    }
}

WEAVE_HOT Value read_bytes(uintptr_t address, unsigned size) {
    Value value;
    with_size(size, [&](auto known) {
        // A number of its own for the lower bytes: it is then moved as a whole.
        uint64_t low = 0;
        std::memcpy(&low, reinterpret_cast<const void*>(address),
                    std::min(size_t{known}, size_t{8}));
        value.low = low;
        if (known > 8) {
            std::memcpy(&value.high, reinterpret_cast<const void*>(address + 8), 8);
        }
    });
    return value;
}

WEAVE_HOT void write_bytes(uintptr_t address, unsigned size, const Value& value) {
    with_size(size,
              [&](auto known) { std::memcpy(reinterpret_cast<void*>(address), &value, known); });
}

/// The part of a location's value that an access of some of its bytes sees.
WEAVE_HOT Value part_of(const Location& location, const Value& whole, uintptr_t address,
                        unsigned size) {
    if (!location.is_mixed) [[likely]] {
        return whole;
    }
    WEAVE_CHECK(location.address <= address && address + size <= location.address + location.size,
                location.address, location.size, address, size);
    Value part;
    std::memcpy(&part, reinterpret_cast<const char*>(&whole) + (address - location.address), size);
    return part;
}

/// The location's value after an access of some of its bytes has stored `part`.
WEAVE_HOT Value with_part(const Location& location, Value whole, uintptr_t address, unsigned size,
                          const Value& part) {
    if (!location.is_mixed) [[likely]] {
        return part;
    }
    std::memcpy(reinterpret_cast<char*>(&whole) + (address - location.address), &part, size);
    return whole;
}

// ----- which location an access is to -----------------------------------------------------------

inline bool overlaps(const Location& location, uintptr_t address, size_t size) {
    return location.address < address + size && address < location.address + location.size;
}

/// Makes an object of up to 8 bytes in a cell that has none.
Location& make_first_location(Execution& execution, Cell& cell, uintptr_t address, unsigned size);

/// find_location() for an access that is not to the first location of the cell.
Location& find_other_location(Execution& execution, Cell& cell, uintptr_t address, unsigned size);

/// The location of an access, made with the bytes in memory as its initial value if there is none.
WEAVE_HOT Location& find_location(Execution& execution, Cell& cell, uintptr_t address,
                                  unsigned size) {
    Location* const first = cell.location;
    if (first != nullptr && first->address == address && first->size == size) [[likely]] {
        return *first;
    }
    return find_other_location(execution, cell, address, size);
}

/// Called when the value of an object changes: those that spin until then can run.
void stop_spinners(Execution& execution, Location& location);

/// Makes room for the accesses of a thread in `location.touches`.
void grow_touches(Execution& execution, Location& location, unsigned thread);

/// Takes over the bytes in memory, which code that is not instrumented has written, as the newest
/// store. Its writer, and what that had seen before, is not known: every thread knows the store,
/// and an acquire of it learns all that any thread knows.
void adopt_bytes(Execution& execution, Location& location);

}  // namespace weave
