// What an execution is told: everything here is the same in all executions of a search.
#pragma once

#include <cstdint>

#include <weave/weave.h>

namespace weave {

struct Settings {
    static constexpr uint64_t nothing_held = ~uint64_t{0};

    Memory memory = Memory::c20;
    uint32_t steps_max = 1'000'000;  ///< more end the execution with Verdict::limit
    bool spurious_wakeups = true;
    bool reuses_memory = true;
    bool finds_leaks = true;
    bool finds_races = true;
    bool plain_choice_points = false;
    bool stops_at_start = false;     ///< others may run before the first access of a new thread
    bool status_is_finding = false;  ///< an exit status other than 0 is
    bool has_stacks = true;          ///< a traced execution also notes calls, which takes longer
    bool all_turns = false;          ///< no atomic access leaves its choice point out
    bool as_in_graphs = false;       ///< locks, waits and clocks choose as a graph search needs it
    bool is_program = false;         ///< the body is a whole program, which ends when it returns
    /// Before the first atomic, or the first plain, access that `held_thread` makes at this step
    /// there is one more choice point: see
    /// HoldBackChooser.
    uint64_t held_step = nothing_held;
    unsigned held_thread = 0;
    bool held_is_atomic = false;
};

}  // namespace weave
