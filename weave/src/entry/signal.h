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

/// Sends SIGPIPE to the current thread, which has written to what no one reads.
void raise_broken_pipe(Execution& execution, uint32_t pc);

/// The signals that are pending for the current thread, as bits: signal 1 is the lowest.
uint64_t pending_signals(Execution& execution);
/// Takes the lowest of a set of pending signals, and synchronises with its sender. Returns 0 if
/// there is none.
int take_signal(Execution& execution, uint64_t set, sigval& value);

// The descriptors of signalfd(): see signalfd.cpp.

/// Lets each descriptor of signalfd() be readable or not, as it is for the current thread.
void show_signals(Execution& execution);
/// Says that a signal has become pending.
void note_pending_signal(Execution& execution, uint32_t pc);
/// read() of such a descriptor; as that, but it does not block.
ssize_t read_signals(Execution& execution, int descriptor, void* to, size_t size);

}  // namespace weave
