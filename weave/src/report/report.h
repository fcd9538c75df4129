// The report of a finding, as a person reads it: what it is, its places in the source, and the
// timeline of its execution.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "run/execution.h"
#include "run/explain.h"

namespace weave {

/// A traced execution in words. Starts other processes and allocates: not for use while an
/// execution runs.
struct Report {
    std::string text;
    std::string json;        ///< of an explained execution: see why.h
    std::string operations;  ///< the same: see operations.h
};

/// `why` explains the execution, or is null. Then the timeline has its last events; with an
/// explanation those that matter, or all of them with `shows_all`. `mark_text` may be empty: see
/// weave.h.
Report report_of(Execution& execution, const Explanation* why, bool shows_all,
                 const std::function<std::string(uint64_t)>& mark_text);

/// "plain write", and what else an access is.
std::string name_of_access(const AccessFact& access);

}  // namespace weave
