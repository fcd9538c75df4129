// Which stack runs: the host's, which called explore(), or the fiber of a thread.
//
// The C++ runtime and the C library keep some state for each thread of the system: exceptions in
// flight and errno. Fibers share one, so a switch of stacks switches this state too.
#pragma once

#include <cstring>

#include "run/base.h"
#include "run/switch.h"
#include "run/thread.h"

namespace weave {

class Fibers {
  public:
    /// Runs the fiber of an execution's first thread, on the host's stack. Returns when the
    /// execution ends.
    void enter(Thread& first);
    /// Ends the execution: enter() returns.
    [[noreturn]] void leave();

    /// Leaves the stack of `from`, which runs, and continues on that of `to`.
    WEAVE_HOT void switch_to(Thread& from, Thread& to) {
        WEAVE_CHECK(!to.is_finished, from.id, to.id);
        std::memcpy(static_cast<void*>(from.exceptions), exceptions_, sizeof from.exceptions);
        std::memcpy(static_cast<void*>(exceptions_), to.exceptions, sizeof to.exceptions);
        from.error_number = *error_number_;
        *error_number_ = to.error_number;
        switch_stack(from.fiber, to.fiber);
    }

  private:
    Suspended host_{};  ///< the host's stack while an execution runs
    void* host_exceptions_[2] = {};
    // Where the system keeps the state of the thread that runs weave.
    void** exceptions_ = nullptr;
    int* error_number_ = nullptr;
};

/// Gives a thread a fiber, which calls FiberAccess::main() when it is switched to.
void begin_fiber(Thread& thread);

/// The function that runs on every fiber. entry/ unwinds as far as its frame, but not through it.
struct FiberAccess {
    __attribute__((noinline)) static void main() noexcept;
};

}  // namespace weave
