// For tests of what a target reports of a hang: a call that hangs, and a run as a target makes it,
// watched for a second.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "fuzz/kit/hang_watch.h"

namespace fuzz::test {

/// Each EXPECT_DEATH starts the program anew, as the watch has a thread.
class HangDeathTest : public ::testing::Test {
  protected:
    void SetUp() override { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

[[noreturn]] inline void never_return() {
    for (;;) {
        std::this_thread::sleep_for(std::chrono::hours(1));
    }
}

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
