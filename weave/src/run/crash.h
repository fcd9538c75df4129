// Signals that an instruction of the program causes, such as SIGSEGV, become findings.
#pragma once

namespace weave {

/// Installs the handlers, and a stack of their own for them. A signal outside of an execution goes
/// to the handler that was there before.
void catch_crashes();

}  // namespace weave
