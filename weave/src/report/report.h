// The report of a finding, as a person reads it: what it is, its places in the source, and the
// timeline of its execution.
#pragma once

#include <string>

#include "run/execution.h"

namespace weave {

/// The report of a traced execution. Starts other processes and allocates: not for use while an
/// execution runs.
std::string report_text(Execution& execution);

}  // namespace weave
