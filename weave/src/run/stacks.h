// The stacks of fibers: one for each thread id, kept for all executions. What a thread may not use
// of its room, and a page below that, must not be touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"

namespace weave {

/// The room of a stack, which a program may ask for.
inline constexpr size_t stack_bytes = size_t{1} << 26;
/// What it may use of that if it does not ask.
inline constexpr size_t usual_stack_bytes = size_t{1} << 23;

class FiberStacks {
  public:
    /// Reserves all stacks.
    FiberStacks();

    /// The lowest address of a thread's room, whose stack has the usual size until set_size().
    char* stack(unsigned thread);
    /// Lets a thread use `size` bytes of its room, from the top down.
    void set_size(unsigned thread, size_t size);
    size_t size(unsigned thread) const { return sizes_[thread]; }
    /// Is the address in the room of any thread?
    bool contains(uintptr_t address) const;
    /// True if the address is in what a thread may not use; `thread` is then the thread of that
    /// stack.
    bool is_guard(uintptr_t address, unsigned& thread) const;

  private:
    char* const base_;
    size_t sizes_[threads_max] = {};  ///< 0: not used so far
};

/// Those of the process. Made by the first call, which must come before the first execution.
FiberStacks& fiber_stacks();

}  // namespace weave
