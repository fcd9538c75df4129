// What becomes of an execution with a finding: it runs again, to look for a worse finding and for
// the timeline of the report.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <weave/weave.h>
#include "run/execution.h"
#include "run/image.h"
#include "run/search.h"

namespace weave {

/// What is explored and judged, and the program's variables from which each execution begins.
struct Body {
    const std::function<void()>& function;
    const std::function<Judgement()>& judge;                ///< may be empty
    const std::function<std::string(uint64_t)>& mark_text;  ///< the same
    Watcher& watcher;
    std::optional<ImageSnapshot> variables;  ///< not put back if there are none

    Verdict execute(Execution& execution, const Settings& settings, Chooser& chooser,
                    bool is_traced = false);
};

/// Is the last execution's finding a race of an access with the free of its block?
bool is_race_with_free(const Facts& facts);

/// A free that is not ordered after an access may also come before it: then the finding is a use
/// after free, and the execution that shows it is the one to keep. Runs that execution if there is
/// one, or else the last one again. `settings` becomes what the execution that was run last needs.
Verdict look_for_use_after_free(Execution& execution, Settings& settings, Body& body);

/// What tells one execution from another: its choices, and what came of them.
struct Outcome {
    std::vector<uint8_t> choices;
    uint64_t steps = 0;
    Verdict verdict = Verdict::ok;
    int status = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const Execution& execution);
/// Makes the same choices again.
Verdict replay(Execution& execution, const Settings& settings, Body& body,
               const std::vector<uint8_t>& choices, bool is_traced = false);

struct Explanation;

/// Runs the last execution once more, with its timeline, and describes its finding. The schedule is
/// empty if the same choices now give another verdict. `why` explains the execution, or is null;
/// with `shows_all` the timeline has all events even so.
Finding describe(Execution& execution, const Settings& settings, Body& body,
                 const Explanation* why = nullptr, bool shows_all = false);

}  // namespace weave
