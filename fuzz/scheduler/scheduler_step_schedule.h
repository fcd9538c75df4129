// Schedules of the scheduler on one thread: a task graph, submitted bit by bit, and what cores,
// engines and logical scheduler threads do in between, one action at a time.
//
// Bytes: 0 version | 1 platform and mailbox size | 2 shape of the scheduler | 3 number of the first
// task | 4 watchdog, what dispatch ids follow, and how cores leave; then records of four bytes:
// operation and arguments a, b, c, whose meaning is in SchedulerOperation. A record may repeat the
// operations before it, so that few bytes fill a list or a buffer. When the records are used up,
// the run is played to its end.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/platform_choice.h"

namespace fuzz {

inline constexpr uint32_t scheduler_tasks_max = 600;
inline constexpr uint32_t scheduler_counters_max = 16;
inline constexpr uint32_t scheduler_records_max = 8;
/// What every condition on a record waits for, and what a transfer that ends leaves there.
inline constexpr uint64_t record_cookie = 7;
inline constexpr uint32_t scheduler_threads_max = 4;
inline constexpr uint32_t scheduler_rings_max = 4;
inline constexpr uint32_t dependencies_max = 8;

enum class SchedulerAction : uint8_t {
    submit,
    begin_scope,
    end_scope,
    finish_submission,
    turn,           ///< one turn of a scheduler thread's loop
    wait,           ///< what it does after a turn without progress
    core_ack,       ///< a core that has a new dispatch starts it
    core_fin,       ///< a core that runs a subtask ends it
    cores_go,       ///< every core does all it can
    set_counter,    ///< counter `task.first_word` := `value`
    set_record,     ///< a record's transfer ends
    leave_gap,      ///< another producer claims a ticket for a condition of a task; one at a time
    fill_gap,       ///< and publishes it
    hold_lock,      ///< another thread takes the wait list's lock
    release_lock,   ///< and releases it
    push_unknown,   ///< another thread pushes a message of unknown kind
    advance_clock,  ///< by `value` units
    stop,           ///< another thread latches error `value`
};

/// What the conditions of a task wait for.
enum class TaskWords : uint8_t {
    counters,
    records,
    null,          ///< no address
    unknown_type,  ///< a type that no platform knows
};

/// What block 0 of a task leaves in its slab besides conditions.
enum class SlabFault : uint8_t {
    none,
    error_7,
    error_minus_3,
    appended_65,    ///< conditions up to the 65th, which does not fit
    count_65,       ///< a count that was never appended
    count_maximum,  ///< the same, all ones
};

/// How cores answer when they are told to leave. A core that runs a subtask ends it first.
enum class CoreLeaving : uint8_t {
    at_once,
    late,           ///< when the thread has waited for the first time
    one_never,      ///< all but core 0
    running_never,  ///< those that run nothing
};

struct SchedulerTask {
    uint8_t cores;
    int32_t block_num;
    uint32_t conditions;  ///< of each subtask, or of those of block 0 only
    bool only_block_0;
    TaskWords words;
    uint32_t first_word;  ///< of the first condition; the others take the following ones
    uint32_t expected_value;
    SlabFault fault;
    uint32_t dependency_count;
    /// How many tasks back, see tasks_ago(); 0 is a task that was never submitted.
    std::array<uint32_t, dependencies_max> dependencies;
};

/// How many tasks back the task is that a dependency names, after `submitted` tasks: 1 is the last
/// one, and counts above `submitted` start again at 1. 0 if no task is submitted, or if the
/// dependency names a task that was never submitted.
constexpr uint64_t tasks_ago(uint32_t dependency, uint64_t submitted) {
    return dependency == 0 || submitted == 0 ? 0 : 1 + (dependency - 1) % submitted;
}

struct SchedulerOperation {
    SchedulerAction call;
    uint32_t which;  ///< thread, core or task, modulo how many there are
    uint32_t value;
    SchedulerTask task;  ///< of submit
};

/// One condition as it stands in a slab.
struct SlabCondition {
    TaskWords words;
    uint32_t word;
    uint32_t expected_value;
};

/// What a subtask leaves in its slab.
struct SlabContent {
    int32_t error_code;
    uint32_t count;  ///< as the kernel leaves it
    std::vector<SlabCondition> conditions;
};

struct SchedulerStepSchedule {
    static constexpr ScheduleFormat format{.header_bytes = 5, .record_bytes = 4};

    /// One unit of the clock; every idle() of a waiting thread takes one.
    static constexpr uint64_t clock_unit_ns = 1000;

    /// Sizes of the scheduler; there are few, so that objects can be kept.
    struct Shape {
        uint32_t threads;
        uint32_t clusters;
        uint32_t rings;
        uint32_t window;
        uint32_t dependency_capacity;
    };
    static const std::vector<Shape>& shapes();

    PlatformChoice platform;
    uint32_t shape;
    uint64_t first_task;
    uint64_t watchdog_units;
    uint32_t last_dispatch_id;  ///< that every core finished in an earlier run, or the idle id
    CoreLeaving leaving;
    std::vector<SchedulerOperation> operations;

    const Shape& sizes() const { return shapes()[shape]; }

    /// Replaces `*this` by what the bytes say; every byte string is a schedule. Reuses memory.
    void decode(Bytes input);

    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();
};

/// Schedules for both platforms.
struct PlatformPairSchedule : SchedulerStepSchedule {
    void decode(Bytes input);
    static std::string describe(Bytes input);
};

/// What the subtask of block `block` leaves in its slab; `subtask` counts the cores of a block.
void slab_content(const SchedulerTask& task, uint32_t block, uint32_t subtask,
                  SlabContent& content);

/// One line, as --describe and the reports show it.
std::string describe(const SchedulerOperation& operation);

}  // namespace fuzz
