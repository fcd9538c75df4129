// FUZZ_TARGET: everything a fuzzer needs to know about one fuzz target.
//
//     FUZZ_TARGET(mailbox_step, MailboxStepSchedule, mailbox_states) {
//         ... decode input, run it, judge the history, report ...
//     }
//
// in fuzz/mailbox_step.cpp is all that a new target takes: the file's stem names the target, its
// executable, its corpus folder and its tests. Each executable holds exactly one target.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzz/kit/schedule_format.h"

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

}  // namespace fuzz

// FUZZ_TARGET(name, Schedule, states): Schedule provides `format`, describe(), seeds() and
// benchmark_inputs(); states() gives the counts of the states reached. FUZZ_TARGET(name) is a
// target whose bytes have no structure.
#define FUZZ_TARGET(...) \
    FUZZ_TARGET_SELECT(__VA_ARGS__, ::fuzz::UnstructuredBytes, ::fuzz::no_states, )
#define FUZZ_TARGET_SELECT(name, Schedule, states, ...)                \
    static void fuzz_target_##name(::fuzz::Bytes input);               \
    const ::fuzz::FuzzTarget& fuzz::fuzz_target() {                    \
        static constexpr FuzzTarget target{#name,                      \
                                           Schedule::format,           \
                                           fuzz_target_##name,         \
                                           Schedule::describe,         \
                                           Schedule::seeds,            \
                                           Schedule::benchmark_inputs, \
                                           states};                    \
        return target;                                                 \
    }                                                                  \
    static void fuzz_target_##name(::fuzz::Bytes input)
