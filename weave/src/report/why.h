// Why an execution fails, in words and as JSON: the facts of an Explanation with their places, how
// sure they are, and the order that is missing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/timeline.h"
#include "run/execution.h"
#include "run/explain.h"
#include "run/ordering.h"

namespace weave {

/// What the report of an explained execution shows of its timeline.
struct Relevance {
    std::vector<size_t> cause;  ///< events of the facts, and of the missing order; ascending
    std::vector<size_t> weak;   ///< of the cause, those whose memory order is too weak; ascending
    std::vector<size_t> shown;  ///< those, and what one has to know to follow them; ascending
};

/// `history` is that of the execution, which was traced.
Relevance relevance_of(const Execution& execution, const Explanation& why, const History& history);

/// The lines of the report from "why:" on, each indented.
std::string why_text(const Execution& execution, const Explanation& why, const History& history,
                     const Names& names);

/// One object with everything that the report says, and all events, for other programs:
///     {"verdict", "what", "is_judged", "threads", "facts": [{"text", "events", "executions",
///     "passed"}],
///      "choices": [number], "sure", "missing": [text], "accesses": [{"thread", "step", "text",
///      "place"}], "events": [{"step", "thread", "text", "place", "path", "function", "from",
///      "is_cause",
///                  "is_weak", "is_shown"}]}
/// "choices" are all that the execution has made. "place" is a file without folders and a line,
/// "path" with folders; "from" is the index of the event whose store was read, or null.
std::string why_json(const Execution& execution, const Explanation& why, const History& history,
                     const Names& names);

}  // namespace weave
