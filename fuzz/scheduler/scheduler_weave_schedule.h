// Scenarios of the scheduler under weave: a small task graph on one to three scheduler threads, a
// thread that submits and one that plays the cores and engines.
//
// Bytes: 0 version | 1 bits 0-1: slots of the mailbox | 2 shape of the scheduler | 3 the task that
// goes wrong, and how, as in scheduler_threads | 4 bit 0: sequentially consistent memory; bit 1: a
// second run on the same scheduler; bits 2-3: a thread that ends the first run, if both are set,
// after it has yielded as often as bits 4-7 say |
// 5 number of tasks | tasks, each a record of scheduler_threads; then choices, a byte each.
//
// Nothing takes time: what happens when is up to the choices. No time, no watchdog.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/scheduler/scheduler_threads_schedule.h"
#include "fuzz/scheduler/scheduler_weave_history.h"

namespace fuzz {

struct SchedulerWeaveSchedule {
    static constexpr size_t tasks_max = explored_tasks_max;
    static constexpr ScheduleFormat format{.header_bytes = 6 + 4 * tasks_max,
                                           .record_bytes = 1,
                                           .operation_bytes = 4,
                                           .operations_max = tasks_max,
                                           .wishes_max = explored_wishes_max};
    /// With which another thread ends a run.
    static constexpr int32_t end_code = 9;

    bool is_sc;
    uint32_t mailbox_slots;  ///< 1, 2, 4 or 32
    uint32_t run_count;
    bool is_ended;         ///< a thread ends the first run
    uint32_t ended_after;  ///< that thread yields so often first
    /// The graph and the shape of the scheduler.
    SchedulerThreadsSchedule threads;
    Bytes choices;

    /// Replaces `*this` by what the bytes say; every byte string is a scenario.
    void decode(Bytes input);

    /// The same graph as an input of scheduler_threads.
    static std::vector<uint8_t> threads_input(Bytes input);
    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs() { return seeds(); }
};

}  // namespace fuzz
