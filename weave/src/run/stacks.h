// The stacks of fibers: one for each thread id, kept for all executions, each with a page below it
// that must not be touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"

namespace weave {

inline constexpr size_t stack_bytes = size_t{1} << 23;

class FiberStacks {
  public:
    /// Reserves all stacks.
    FiberStacks();

    /// The lowest usable address of a thread's stack.
    char* stack(unsigned thread);
    /// True if the address is in a guard page; `thread` is then the thread of that stack.
    bool is_guard(uintptr_t address, unsigned& thread) const;

  private:
    char* const base_;
    unsigned protected_ = 0;  ///< threads whose guard page is protected
};

/// Those of the process. Made by the first call, which must come before the first execution.
FiberStacks& fiber_stacks();

}  // namespace weave
