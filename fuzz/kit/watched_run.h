// For tests of what a target reports of a hang: a run as a target makes it, watched for a second.
#pragma once

#include "fuzz/kit/hang_watch.h"

namespace fuzz::test {

/// Runs the schedule; after a second the report of a hang ends the program. Once in a program.
template <class Runner>
void run_watched(const typename Runner::Schedule& schedule) {
    static HangWatch watch("some_target", 1);
    const HangWatch::Input input(watch);
    Runner runner;
    typename Runner::History history;
    runner.run(schedule, history);
}

}  // namespace fuzz::test
