// Memory that the program has lost: see leaks.cpp.
#pragma once

namespace weave {

class Execution;

/// Ends the execution with Verdict::leak if a block is neither freed nor reachable.
void check_leaks(Execution& execution);

}  // namespace weave
