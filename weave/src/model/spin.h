// Loops that wait for somebody else: a thread that comes back to a load with the same registers and
// stack, having changed nothing, will go on like that until one of the objects that it read
// changes. It need not run until then; and if nobody else can run either, that is a livelock.
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

/// Before a load that comes back to `read`, or an RMW that may change nothing. Returns a store that
/// the load may not return again, nor any older one, because the thread would only repeat itself;
/// null without one. `frame` is the frame address of the entry point, below which it has saved all
/// registers.
const Store* spin_before(Execution& execution, const Location& location, SpinRead& read,
                         const void* frame);

/// Room for one more: in place of the oldest, so that a round is there as a whole or not at all.
WEAVE_HOT SpinRead& add_spin_read(Thread& thread) {
    if (thread.spin_count < Thread::spin_reads_max) [[likely]] {
        return thread.spin_reads[thread.spin_count++];
    }
    return *std::min_element(
        thread.spin_reads, thread.spin_reads + Thread::spin_reads_max,
        [](const SpinRead& a, const SpinRead& b) { return a.visit < b.visit; });
}

/// After it, with the store that was read or made. `read` is null the first time.
WEAVE_HOT void spin_after(Thread& thread, Location& location, uint32_t pc, SpinRead* read,
                          const Store& store) {
    if (read == nullptr) {
        read = &add_spin_read(thread);
        read->pc = pc;
        read->repeats = 0;
        read->location = &location;
        read->state_bytes = 0;
    } else if (read->store->value != store.value) {
        read->repeats = 0;
    }
    read->store = &store;
    read->changes = thread.changes;
    read->turn = thread.turns;
    read->visit = ++thread.visits;
}

// The same for a look at a lock.

/// Waits if the thread only repeats itself: the lock may be another's when it returns.
void poll_before(Execution& execution, const Watch& watch, uint32_t pc, const void* frame);
void poll_after(Thread& thread, Watch& watch, uint32_t pc);
/// Whoever waits for this may look again.
void change(Execution& execution, Watch& watch);

/// Before an entry point returns: what the runtime's own frames left below the program's would
/// become the unset parts of the program's next ones, and make its rounds differ.
void clear_below();
inline void clean_stack(const Thread& thread) {
    if (thread.is_repeating) [[unlikely]] {
        clear_below();
    }
}

}  // namespace weave

// An entry point first puts all registers that the program expects to be preserved below its frame
// address: with the stack above they are the state that spin.cpp compares.
#define WEAVE_FRAME (__builtin_unwind_init(), __builtin_frame_address(0))
