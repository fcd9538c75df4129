// The timeline of a traced execution as a table: a row for each event, a column for each thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "report/places.h"
#include "run/execution.h"

namespace weave {

/// What the numbers of a traced execution stand for.
struct Names {
    const Places& places;                   ///< of program counters
    std::map<uint64_t, std::string> marks;  ///< of a test's marks
};

/// The events that a report shows: all, or of a long execution the end.
std::vector<size_t> last_events(const Execution& execution);

/// Which events the table shows, ascending, and which of them have a mark.
struct Rows {
    std::vector<size_t> shown;
    std::vector<size_t> marked;
    const char* part;  ///< which part of the execution it is; empty: all of it
};

/// At most 120 columns wide, if the texts of a row are not longer.
void write_timeline(std::ostream& out, const Execution& execution, const Rows& rows,
                    const Names& names);

/// What an event does, as in "a1 := 1 relaxed".
std::string event_text(const Event& event, const Names& names);
/// The innermost place outside of the libraries, or else the innermost one; null if none is known.
const Place* place_of(const Event& event, const Places& places);

}  // namespace weave
