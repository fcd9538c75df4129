// Signals of an execution, which its threads send to one another; see signal.cpp.
#pragma once

#include <csignal>
#include <cstdint>

#include "run/execution.h"

namespace weave {

/// Gives a new thread the signal mask of the current one.
void inherit_mask(Execution& execution, unsigned thread);

/// Lets a thread of the runtime's get no signal.
void block_all_signals(unsigned thread);

/// Sends a signal to a thread, or to the process if `thread` is negative: then a thread that waits
/// for it or does not block it gets it. Not a choice point.
void send_signal(Execution& execution, int thread, int signal, sigval value, uint32_t pc);

}  // namespace weave
