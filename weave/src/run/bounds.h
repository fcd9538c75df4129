// Why an exhaustive search has not covered every execution, in words.
#pragma once

#include <vector>

#include <weave/weave.h>
#include "run/part.h"

namespace weave {

/// What has cut executions, and what has ended the search. Empty if the search is complete.
std::vector<Bound> bounds_of(const TallyNumbers& numbers, End end);

}  // namespace weave
