// The timeline of a traced execution as a table: a row for each event, a column for each thread.
#pragma once

#include <cstddef>
#include <ostream>

#include "report/places.h"
#include "run/execution.h"

namespace weave {

/// The first event that the table shows: of a long execution only the end.
size_t first_row(const Execution& execution);

void write_timeline(std::ostream& out, const Execution& execution, const Places& places);

}  // namespace weave
