// Targets under weave. A scenario is plain C++ with threads. A target links one of two files with
// run_explored(): one explores the scenario under weave, the other runs it on real threads.
#pragma once

#include <functional>

#include "fuzz/kit/fuzz_target.h"

namespace fuzz {

/// Runs `scenario`: once, as the bytes of `schedule` say (explored_under_weave.cpp), or a few times
/// on real threads (explored_on_threads.cpp). Reports what is found as a finding of `target`; under
/// weave also that it took fewer than `steps_min` steps, as code does that was not instrumented.
void run_explored(const char* target, Bytes schedule, uint64_t steps_min,
                  const std::function<void()>& scenario);

/// What all executions of a target met.
template <class Meetings>
Meetings& meetings_of_all() {
    static Meetings meetings;
    return meetings;
}

template <class Scenario, class Meetings>
void explore_scenario(Bytes input) {
    const Scenario scenario = Scenario::decode(input);
    run_explored(fuzz_target().name, scenario.schedule, scenario.steps_min(),
                 [&] { scenario.run(meetings_of_all<Meetings>()); });
}

template <class Meetings>
std::vector<StateCount> states_met() {
    return meetings_of_all<Meetings>().states();
}

}  // namespace fuzz

/// Registers a target under weave. `Scenario` has `format`, decode(), describe(), seeds(),
/// benchmark_inputs(), `schedule`, steps_min() and run(Meetings&); `Meetings` has states().
#define FUZZ_TARGET_EXPLORED(name, Scenario, Meetings)                                 \
    FUZZ_TARGET_RUN_BY(name, Scenario, (::fuzz::explore_scenario<Scenario, Meetings>), \
                       ::fuzz::states_met<Meetings>)
