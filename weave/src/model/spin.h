// Loops that wait for another thread. A thread that comes back to a load with the same registers
// and stack, and has changed nothing, repeats itself until one of the objects that it read changes.
// It need not run until then. If no other thread can run either, that is a livelock.
#pragma once

#include <algorithm>

#include "model/location.h"
#include "run/thread.h"

namespace weave {

class Execution;

/// A load of the current thread's since it last changed something, or null.
WEAVE_HOT SpinRead* find_spin_read(Thread& thread, const Location& location, uint32_t pc) {
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        SpinRead& read = thread.spin_reads[i];
        if (read.pc == pc && read.location == &location) {
            return &read;
        }
    }
    return nullptr;
}

/// What spin_before() returns after it has blocked the thread: everything may be different now.
extern const Store* const spin_blocked;

/// Called before a load that comes back to `read`, or an RMW that may change nothing. Returns a
/// store that the load must not return again, nor any older one, because the thread would only
/// repeat itself; null if there is none. `frame` is the entry point's WEAVE_FRAME.
const Store* spin_before(Execution& execution, const Location& location, SpinRead& read,
                         const void* frame);

/// Room for one more read, if need be in place of the oldest: a round is there as a whole or not at
/// all.
WEAVE_HOT SpinRead& add_spin_read(Thread& thread) {
    if (thread.spin_count < Thread::spin_reads_max) [[likely]] {
        return thread.spin_reads[thread.spin_count++];
    }
    return *std::min_element(
        thread.spin_reads, thread.spin_reads + Thread::spin_reads_max,
        [](const SpinRead& a, const SpinRead& b) { return a.visit < b.visit; });
}

/// Called after the load or RMW, with the store that was read or made. `read` is null the first
/// time.
WEAVE_HOT void spin_after(Thread& thread, Location& location, uint32_t pc, SpinRead* read,
                          const Store& store) {
    if (read == nullptr) {
        read = &add_spin_read(thread);
        read->pc = pc;
        read->repeats = 0;
        read->location = &location;
        read->state = 0;
        read->kept = 0;
    } else if (read->store->value != store.value) {
        read->repeats = 0;
    }
    read->store = &store;
    read->changes = thread.changes;
    read->turn = thread.turns;
    read->visit = ++thread.visits;
    read->locks_given_back = thread.locks_given_back;
}

/// spin_before() and spin_after() for a look at a lock. The thread waits if it only repeats itself:
/// another thread may hold the lock when poll_before() returns.
void poll_before(Execution& execution, const Watch& watch, uint32_t pc, const void* frame);
void poll_after(Thread& thread, Watch& watch, uint32_t pc);
/// Says that what a watch stands for has changed: threads that wait for that can run.
void change(Execution& execution, Watch& watch);

/// Zeroes the stack below the caller's frame.
void clear_below();
/// Called before an entry point returns to a thread that repeats itself: what the runtime's frames
/// left below the program's would become the unset parts of its next ones, and its rounds would
/// differ. In a search through graphs that holds from the start, since states of different
/// executions are compared, and the runtime's frames have the number of the execution.
inline void clean_stack(const Thread& thread) {
    if (thread.is_repeating || thread.is_in_graphs) [[unlikely]] {
        clear_below();
    }
}

}  // namespace weave

// For the first line of an entry point: puts all registers that the program expects to be preserved
// right below the frame address, and gives that address. With the stack above them they are the
// state that spin.cpp compares.
#define WEAVE_FRAME (__builtin_unwind_init(), __builtin_frame_address(0))
