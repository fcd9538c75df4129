// Why an execution fails: the fewest choices that lead to its finding, and the smallest set of
// ordering facts with which every execution fails and without any one of which some pass.
//
// The set is a smallest hitting set: each passing execution that was seen breaks one of its facts.
// Executions that obey the set are run; one that passes makes the set grow (implicit hitting sets:
// Reiter, "A Theory of Diagnosis from First Principles", 1987). So a fact of the set is needed
// because of a passing execution that obeys all others, and what remains open is whether an
// execution that was not run passes with all of them.
//
// A fact of the operation at which the finding shows would only say the finding again: such facts
// are left out as long as there are others that explain it.
#pragma once

#include <cstdint>
#include <vector>

#include <weave/weave.h>
#include "run/ordering.h"
#include "run/rerun.h"

namespace weave {

/// Bounds of one explanation.
struct Effort {
    double seconds = 10;           ///< of processor time, tested between executions
    uint64_t executions = 60'000;  ///< run for it altogether
    unsigned sampled = 1'000;      ///< executions with the facts that have to fail
    unsigned exhaustive = 3'000;   ///< executions within which a complete search has to end
};

struct Explanation {
    Settings settings;  ///< for `choices`: nothing wakes for no reason, unless the finding needs it
    /// A fact, and what becomes of executions that obey all facts but this one.
    struct Part {
        Fact fact;
        uint64_t executions = 0;
        uint64_t passed = 0;  ///< at least one, if the set is sure
    };

    std::vector<uint8_t> choices;  ///< the smallest list found: same verdict, same places
    size_t switches_before = 0;    ///< choices that were not 0
    size_t switches = 0;           ///< those that are left
    std::vector<Part> parts;       ///< in the order of the execution; none: every execution fails
    uint64_t failed = 0;           ///< executions that obeyed all facts: all of them have failed
    bool is_complete = false;      ///< there are no others
    /// False if the effort ended too early, or an execution passes with every fact there is.
    bool is_sure = false;
    uint64_t executions = 0;  ///< run for all this
};

/// Explains the finding of the last execution, which `settings` has led to. Runs the execution of
/// `Explanation::choices` last.
Explanation explain(Execution& execution, const Settings& settings, Body& body,
                    const Effort& effort);

}  // namespace weave
