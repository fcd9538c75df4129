// The atomic accesses of an execution, as a caller of explore() gets them.
#pragma once

#include <span>
#include <vector>

#include <weave/weave.h>
#include "run/event.h"

namespace weave {

/// The atomic accesses among the events of an execution, in their order. Allocates: not for use
/// while an execution runs.
std::vector<SeenAccess> accesses_of(std::span<const Event> events);

}  // namespace weave
