// A scenario of `./mailproof verify`: a small program of a few threads that uses a part of the
// product, so small that weave can search all of its executions.
//
// A subject is one file, which defines scenarios(). Each scenario runs in weave::explore(): it
// constructs what it needs, starts its threads, joins them, and asserts what the product
// guarantees. Loops are bounded, or wait for something that another thread is certain to do.
#pragma once

#include <cstdint>
#include <span>

namespace verify {

struct Scenario {
    const char* name;       ///< unique in all subjects: SUBJECT/WORDS
    const char* guarantee;  ///< what is asserted, in words of the specification
    const char* bound;      ///< threads, operations and sizes
    uint64_t executions;    ///< pinned number of executions of the complete search; 0: not known
    bool is_deep;           ///< takes longer than the ordinary run may
    void (*run)();
};

/// The scenarios of a subject.
std::span<const Scenario> scenarios();

}  // namespace verify
