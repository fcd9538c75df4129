// Loops that wait for somebody else: a thread that comes back to a load with the same registers and
// stack, having changed nothing, will go on like that until one of the objects that it read
// changes. It need not run until then; and if nobody else can run either, that is a livelock.
#pragma once

#include "memory.h"

namespace weave {

class Execution;

/// What spin_before() returns after it has blocked the thread: everything may be different now.
extern const Store* const spin_blocked;

/// Before a load, or an RMW that may change nothing. Returns a store that the load may not return
/// again, nor any older one, because the thread would only repeat itself; null without one.
/// `frame` is the frame address of the entry point, below which it has saved all registers.
const Store* spin_before(Execution& execution, const Location& location, const AtomicAccess& access,
                         const void* frame);

/// Before an entry point returns: what the runtime's own frames left below the program's would
/// become the unset parts of the program's next ones, and make its rounds differ.
void clean_stack(const Thread& thread);

/// After it, with the store that was read or made.
void spin_after(Execution& execution, Location& location, const AtomicAccess& access,
                const Store& store);

}  // namespace weave
