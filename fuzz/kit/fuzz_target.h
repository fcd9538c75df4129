// FUZZ_TARGET: everything that a fuzzer needs to know about one fuzz target.
//
//     FUZZ_TARGET(mailbox_step, fuzz::MailboxStepRunner, fuzz::mailbox_step_states)
//
// in fuzz/mailbox_step.cpp is all that a new target takes: the file's stem names the target, its
// executable, its corpus folder and its tests. Each executable holds exactly one target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/random.h"
#include "fuzz/kit/report.h"
#include "fuzz/kit/schedule_format.h"
#include "fuzz/kit/wishes.h"

namespace fuzz {

/// An input made by a target's generator; `name` becomes the file's name.
struct Seed {
    std::string name;
    std::vector<uint8_t> bytes;
};

/// How often a target reached one of the states that it exists to reach.
struct StateCount {
    const char* name;
    uint64_t count;
};

/// One target, as the fuzzers see it. Not thread-safe: one input runs at a time.
struct FuzzTarget {
    const char* name;
    ScheduleFormat format;
    void (*run)(Bytes input);                 ///< runs and judges one input; aborts on a finding
    std::string (*describe)(Bytes input);     ///< the input as text, parameters first
    std::vector<Seed> (*seeds)();             ///< the generator of the seed corpus
    std::vector<Seed> (*benchmark_inputs)();  ///< the generator of the pinned benchmark set
    std::vector<StateCount> (*states)();      ///< counts since the program started
    /// A wish that an input might have, which runs it; null if the format has none. None if there
    /// is nothing to wish for.
    std::optional<Wish> (*propose_wish)(Bytes input, Random& random);
};

/// The target of this executable.
const FuzzTarget& fuzz_target();

/// The schedule type of targets whose bytes have no structure.
struct UnstructuredBytes {
    static constexpr ScheduleFormat format{.header_bytes = 1, .record_bytes = 0};
    static std::string describe(Bytes input);
    static std::vector<Seed> seeds() { return {}; }
    static std::vector<Seed> benchmark_inputs() { return {}; }
};

inline std::vector<StateCount> no_states() { return {}; }

/// Decodes the bytes, runs the schedule, judges the history and reports the finding, if there is
/// one, or that the input does not end. Runner, schedule and history live as long as the program
/// and are used again. Not thread-safe.
template <class Runner>
void run_and_judge(Bytes input) {
    static Runner runner;
    static typename Runner::Schedule schedule;
    static typename Runner::History history;
    static HangWatch watch(fuzz_target().name);

    const HangWatch::Input watched(watch);
    schedule.decode(input);
    runner.run(schedule, history);
    if (const std::optional<Finding> finding = judge(schedule, history)) {
        report(fuzz_target().name, *finding);
    }
}

}  // namespace fuzz

/// Registers the target `name`. `Runner` names its types Schedule and History and has
/// run(schedule, history); `Schedule` has `format`, decode(), describe(), seeds() and
/// benchmark_inputs(); judge(schedule, history) is the oracle; states() counts the states reached.
#define FUZZ_TARGET(name, Runner, states) \
    FUZZ_TARGET_RUN_BY(name, Runner::Schedule, ::fuzz::run_and_judge<Runner>, states, nullptr)

/// Registers a target that is run and judged by run(Bytes) instead.
#define FUZZ_TARGET_RUN_BY(name, Schedule, run, states, propose_wish)                \
    const ::fuzz::FuzzTarget& fuzz::fuzz_target() {                                  \
        static constexpr FuzzTarget target{                                          \
            #name,           Schedule::format,           run,    Schedule::describe, \
            Schedule::seeds, Schedule::benchmark_inputs, states, propose_wish};      \
        return target;                                                               \
    }
