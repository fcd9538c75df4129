// Schedules of the wait list on one thread: messages well-formed and malformed, drains and polls,
// and memory that engines change in between.
//
// Bytes: 0 version | 1 platform and mailbox size | 2 start ticket, neighbourhood | 3 start ticket,
// distance | 4 size of the release buffer; then records of four bytes: operation and arguments a,
// b, c, whose meaning is in WaitListOperation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/platform_choice.h"
#include "fuzz/wait_list/wait_list_condition.h"

namespace fuzz {

inline constexpr uint32_t tasks_max = 72;  ///< more than can wait at once

enum class WaitListCall : uint8_t {
    push_condition,      ///< one condition of `task`
    push_conditions,     ///< `count` conditions of `task`, in bulk; word and type vary with each
    push_for_each_task,  ///< one condition for each of `count` tasks from `task` on
    push_normal_done,    ///< of `task`, with the slot that `slot` names
    push_normal_dones,   ///< of `count` tasks from `task` on
    push_registration,   ///< `count` conditions of `task`, as push_conditions, and that it is done
    push_unknown_kind,   ///< a message of kind `count`
    leave_gap,           ///< claim a ticket and leave it unpublished; one at a time
    fill_gap,            ///< publish that ticket as a condition of `task`
    drain,               ///< without a sink
    drain_with_sink,
    poll,
    poll_without_scheduler,
    poll_while_busy,     ///< another thread holds the lock
    set_counter,         ///< counter `task` := `value`
    set_record,          ///< record `task` := `record_value`
    complete_elsewhere,  ///< the slot of `task` turns COMPLETED, and the list is not told
    flush_releases,
    start_over,  ///< a new run: reset_for_reuse(), restart, all tasks pending
};

/// The slot that a NORMAL_DONE or a registration names.
enum class SlotChoice : uint8_t { own, null, of_next_task, misaligned };

struct WaitListOperation {
    WaitListCall call;
    uint32_t task;
    uint32_t count;
    uint32_t value;
    uint64_t record_value;
    SlotChoice slot;
    Condition condition;
};

struct WaitListStepSchedule {
    static constexpr ScheduleFormat format{.header_bytes = 5, .record_bytes = 4};

    PlatformChoice platform;
    std::string_view platform_name;
    uint32_t mailbox_capacity;
    uint64_t first_ticket;
    int32_t release_capacity;  ///< 0: no release buffer
    std::vector<WaitListOperation> operations;

    /// Replaces `*this` by what the bytes say; every byte string is a schedule. Reuses memory.
    void decode(Bytes input);

    std::string describe() const;
    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();
};

/// The i-th condition of a bulk push: neighbouring words of the same kind.
Condition condition_of_run(const Condition& first, uint32_t i);

/// Every eighth task's slot has no descriptor, so its identity cannot be checked.
constexpr bool has_descriptor(uint32_t task) { return task % 8 != 7; }

/// The id and token of a task.
constexpr uint64_t task_token(uint32_t task) { return uint64_t{task % 4} << 32 | task; }

/// One line, as --describe and the reports show it.
std::string describe(const WaitListOperation& operation);

}  // namespace fuzz
