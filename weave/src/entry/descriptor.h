// Pipes and the like, of which the program has both ends: a call that would block in the system
// waits as on a lock instead.
#pragma once

#include "run/execution.h"

namespace weave {

/// Waits until a descriptor can be read from (POLLIN) or written to (POLLOUT). Returns at once if
/// the other end is not the program's, or if the descriptor does not block.
void wait_for_descriptor(Execution& execution, int descriptor, short events, uint32_t pc);
/// The current thread synchronises with what was written to the descriptor.
void acquire_descriptor(Execution& execution, int descriptor, uint32_t pc);

/// Moves a descriptor of the runtime's to a number that the program does not expect to be free.
int take_high_descriptor(int descriptor);

}  // namespace weave
