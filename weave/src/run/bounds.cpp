// A name for each cut and for each end.
#include "run/bounds.h"

#include <string>

namespace weave {

namespace {

/// The bound that has ended the search, or null.
const char* name_of_end(End end) {
    switch (end) {
        case End::finding:
            return "finding";
        case End::executions:
            return "executions";
        case End::seconds:
            return "seconds";
        case End::interrupted:
            return "interrupt";
        case End::undecided:
            return "undecided";
        case End::estimate:
            return "estimate";
        case End::finished:
        case End::stalled:  // A loop or the like, which is counted.
        case End::begins_anew:
        case End::told:
        case End::splits:
            return nullptr;
    }
    return nullptr;
}

}  // namespace

std::vector<Bound> bounds_of(const TallyNumbers& numbers, End end) {
    constexpr const char* names[cut_count] = {"preemptions", "steps",       "loops",
                                              "memory",      "unsupported", "findings"};
    std::vector<Bound> bounds;
    for (unsigned i = 0; i < cut_count; ++i) {
        const CutCount& cut = numbers.cuts[i];
        if (cut.executions != 0) {
            std::string where = "execution " + std::to_string(cut.first);
            if (cut.has_place != 0) {
                where += ", step " + std::to_string(cut.step) + " of thread " +
                         std::to_string(cut.thread);
            }
            bounds.push_back({names[i], cut.executions, where});
        }
    }
    const char* const ended_by =
        numbers.verdict == Verdict::unrepeatable ? "unrepeatable" : name_of_end(end);
    if (ended_by != nullptr) {
        bounds.push_back({ended_by, 0, "after execution " + std::to_string(numbers.executions)});
    }
    return bounds;
}

}  // namespace weave
