// What no thread can end: a deadlock, or a livelock if a thread spins.
#pragma once

#include "run/facts.h"
#include "run/threads.h"

namespace weave {

/// The finding of an execution none of whose threads can run.
Facts facts_of_standstill(const Threads& threads);

}  // namespace weave
