// Memory that the program has lost: see leaks.cpp.
#pragma once

namespace weave {

class Execution;

/// Ends the execution with Verdict::leak if a block is neither freed nor reachable. The program's
/// part of the current thread's stack begins at `frame`.
void check_leaks(Execution& execution, const void* frame);

}  // namespace weave
