// Where fibers keep their stacks: one a thread, kept for all executions, below each a page that
// must not be touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"
#include "run/thread.h"

namespace weave {

class Execution;

class FiberStacks {
  public:
    /// The lowest usable address of a thread's stack.
    char* stack(unsigned thread) const;
    /// Is this address in the guard page of a thread's stack?
    bool is_guard(uintptr_t address, unsigned& thread) const;

    FiberStacks();

  private:
    char* const base_;
};

FiberStacks& fiber_stacks();

/// What the first function of every fiber calls.
struct FiberAccess {
    __attribute__((noinline)) static void main() noexcept;
};

/// Ends the execution with `leak` if a block is neither freed nor reachable.
void check_leaks(Execution& execution);
/// Before the main() of a whole program: no thread of the system may be left over.
void check_start();
/// Calls the destructors of the thread's pthread_setspecific values.
void run_key_destructors(Thread& thread);

}  // namespace weave
