// Targets under weave. A scenario is plain C++ with threads. A target links one of two files with
// run_explored(): one explores the scenario under weave, the other runs it on real threads.
//
// Only run() of a scenario is instrumented. What it records, it records through functions of files
// that are not, so that the history costs no steps and orders nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/moments.h"
#include "fuzz/kit/random.h"
#include "fuzz/kit/report.h"
#include "fuzz/kit/wishes.h"

namespace fuzz {

/// What run_explored() runs, and how.
struct Exploration {
    Bytes schedule;            ///< a byte a choice
    std::vector<Wish> wishes;  ///< pairs to bring about
    bool is_sc;                ///< every load returns the newest store
    uint64_t steps_min;  ///< fewer are a finding, as code makes them that was not instrumented
    std::function<void()> body;                       ///< one execution
    std::function<std::optional<Finding>()> judge;    ///< its oracle, called after it
    std::function<void()> prepare;                    ///< before each execution; may be empty
    std::function<std::string(uint64_t)> point_text;  ///< what happens at a point (moments.h);
                                                      ///< empty if the scenario marks none
};

/// Runs the body: once, as the bytes of the schedule say (explored_under_weave.cpp), or a few times
/// on real threads (explored_on_threads.cpp). Reports what weave or the oracle finds as a finding
/// of `target`.
void run_explored(const char* target, const Exploration& exploration);

/// A wish that might lead elsewhere: runs the body like that, and draws one from what it has done.
/// None on real threads.
std::optional<Wish> propose_wish(const Exploration& exploration, Random& random);

/// What a scenario does before each execution, if it has something to do.
template <class Scenario>
std::function<void()> prepare_of(Scenario& scenario) {
    if constexpr (requires { scenario.prepare(); }) {
        return [&scenario] { scenario.prepare(); };
    } else {
        return nullptr;
    }
}

/// The words for the points that a scenario marks, if it marks any.
template <class Scenario>
std::function<std::string(uint64_t)> point_text_of(const Scenario& scenario) {
    if constexpr (requires { scenario.point_text(uint64_t{}); }) {
        return [&scenario](uint64_t point) { return scenario.point_text(point); };
    } else {
        return nullptr;
    }
}

/// Decodes the bytes. The scenario lives as long as the program. Not thread-safe.
template <class Scenario>
Exploration exploration_of(Bytes input) {
    static Scenario scenario;
    scenario.decode(input);
    return {scenario.choices(),     wishes_of(Scenario::format, input),
            scenario.is_sc(),       scenario.steps_min(),
            [] { scenario.run(); }, [] { return scenario.judge(); },
            prepare_of(scenario),   point_text_of(scenario)};
}

/// Decodes the bytes and explores.
template <class Scenario>
void explore_scenario(Bytes input) {
    run_explored(fuzz_target().name, exploration_of<Scenario>(input));
}

/// Decodes the bytes, and proposes a wish for them.
template <class Scenario>
std::optional<Wish> propose_wish_for(Bytes input, Random& random) {
    return propose_wish(exploration_of<Scenario>(input), random);
}

}  // namespace fuzz

/// Registers a target under weave. `Scenario` has `format`, describe(), seeds(),
/// benchmark_inputs(); decode(), then choices(), is_sc() and steps_min(); run(), one execution;
/// judge(), its oracle; perhaps prepare(), which comes before each execution, and point_text(), the
/// words for a point that it has marked.
#define FUZZ_TARGET_EXPLORED(name, Scenario, states)                               \
    FUZZ_TARGET_RUN_BY(name, Scenario, ::fuzz::explore_scenario<Scenario>, states, \
                       ::fuzz::propose_wish_for<Scenario>)
