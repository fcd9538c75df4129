// Cancellation of threads: pthread_cancel() takes effect where a thread calls a function that may
// block (POSIX 2.9.5.2).
#pragma once

#include "run/execution.h"

namespace weave {

/// Ends the current thread, by unwinding, if another one has cancelled it. A function that calls
/// this must not be noexcept.
void test_cancel(Execution& execution);

}  // namespace weave
