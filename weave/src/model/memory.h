// The memory model: which stores a load may return, and what it learns by that.
//
// Every atomic object has the list of its stores, in modification order. A store is known to a
// thread if the thread, or somebody whose events happen before the thread's next one, has made or
// read it; a load may return the newest known store and whatever is newer. See weave/README.md.
#pragma once

#include <atomic>
#include <cstdint>

#include "model/clock.h"
#include "run/thread.h"

namespace weave {

class Execution;
struct Block;

struct Value {
    uint64_t low = 0;
    uint64_t high = 0;
    bool operator==(const Value&) const = default;
};

struct Store {
    static constexpr unsigned inline_readers = 4;

    Store* newer;
    Store* older;
    Value value;
    const Snapshot* release;  ///< what synchronises with an acquire load of it, or null
    uint64_t readers;         ///< threads that have read it, a bit each
    Epoch* read_at;           ///< by thread: the epoch of the first read; `first_readers`, or an
                              ///< array in the arena
    Epoch epoch;              ///< of the writer; 0 for the initial value, which everybody knows
    uint32_t sc_position;     ///< of the first SC operation that made or read it; 0: none
    uint32_t number;          ///< within the execution, from 1
    uint32_t step;
    uint32_t pc;
    uint8_t writer;
    bool is_rmw;
    Epoch first_readers[inline_readers];
};

/// An atomic access of a thread, for the checks against plain ones.
struct Touch {
    Epoch read;
    Epoch write;
    uint32_t read_pc;
    uint32_t write_pc;
    uint32_t read_step;
    uint32_t write_step;
};

/// An atomic object.
struct Location {
    uintptr_t address;
    uint8_t size;
    bool is_mixed;  ///< accessed in several sizes: its history is that of the widest
    uint8_t touch_capacity;
    uint32_t number;
    Store* newest;
    Touch* touches;     ///< by thread
    uint64_t touched;   ///< threads that have touched it, a bit each
    uint64_t spinners;  ///< threads that wait for it to change
    uint64_t
        cleared;     ///< threads whose accesses no plain one can be in the way of, as far as these
                     ///< have been made; and the object has a value, in memory that is in use
    Location* next;  ///< another object in the same cell
};

/// Everything below is called by the current thread of the execution.
struct AtomicAccess {
    uintptr_t address;
    unsigned size;
    uint32_t pc;
    std::memory_order order;
};

using Modify = Value (*)(Value old, Value operand, unsigned size);

Value atomic_load(Execution& execution, const AtomicAccess& access, const void* frame);
void atomic_store(Execution& execution, const AtomicAccess& access, Value value);
/// Returns what was there.
Value atomic_modify(Execution& execution, const AtomicAccess& access, Modify modify, Value operand,
                    const void* frame);
/// Asked before a weak compare-exchange that would succeed: does it fail all the same? If so, it is
/// over; otherwise it has to follow at once.
bool atomic_exchange_fails(Execution& execution, const AtomicAccess& access, Value expected);
/// Returns what was there; `desired` is stored if that was `expected`.
Value atomic_compare_exchange(Execution& execution, const AtomicAccess& access,
                              std::memory_order failure, Value expected, Value desired,
                              bool& success, const void* frame);
void atomic_fence(Execution& execution, std::memory_order order);

/// A plain access of up to 16 bytes, or of any number by memcpy and its like. False if the current
/// thread has made it already, and released nothing since.
bool plain_access(Execution& execution, uintptr_t address, size_t size, bool is_write, uint32_t pc);
/// Reads and writes as memcpy does, which may copy bytes without a value.
void plain_copy(Execution& execution, uintptr_t to, uintptr_t from, size_t size, uint32_t pc);

/// Does the address lie in memory that is not freed?
bool is_in_use(Execution& execution, uintptr_t address);

/// Checks that a lock or the like, which others are to see, is not in memory that was freed.
void sync_access(Execution& execution, uintptr_t address, uint32_t pc);

/// Checks that nobody's access is unordered with the end of a block's life.
void free_access(Execution& execution, const Block& block, uint32_t pc);

}  // namespace weave
