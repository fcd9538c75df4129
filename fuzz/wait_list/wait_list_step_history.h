// What happened when a wait list schedule ran: what each call returned and changed, what it told
// the scheduler, and the state of everything at the end.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fuzz/wait_list/wait_list_condition.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz {

inline constexpr uint32_t no_task = ~uint32_t{0};

/// One operation. Members that do not apply to its call are 0.
struct WaitListEvent {
    uint32_t operation;    ///< index into the schedule
    uint32_t taken;        ///< pushes: messages the ring took; drains: messages taken out
    int32_t error;         ///< what the call reported
    int32_t completed;     ///< what the poll, or the drain's sink, counted
    uint32_t failed_task;  ///< poll: the task it blames, or no_task

    // What stands after the call.
    uint32_t waiting_tasks;
    int32_t sticky_error;
    uint32_t releases_buffered;
    uint32_t calls_to_scheduler;  ///< so far
    bool lock_is_free;
    bool task_waits;  ///< has the operation's task an entry, and what is in it?
    bool task_is_normal_done;
    uint32_t task_conditions;
    uint32_t task_conditions_open;

    bool operator==(const WaitListEvent&) const = default;
};

/// A call to the scheduler: a task completed, or released.
struct SchedulerCall {
    uint32_t task;
    bool is_release;

    bool operator==(const SchedulerCall&) const = default;
};

/// One entry at the end of the schedule. Bit i of the masks is condition i.
struct WaitingTask {
    uint32_t task;
    uint32_t slot_of_task;  ///< whose slot is bound, or no_task
    bool is_normal_done;
    uint32_t conditions;
    uint32_t conditions_open;
    uint64_t satisfied;
    uint64_t retired;

    bool operator==(const WaitingTask&) const = default;
};

struct WaitListStepHistory {
    std::vector<WaitListEvent> events;
    std::vector<SchedulerCall> scheduler_calls;
    std::vector<WaitingTask> waiting_at_end;  ///< in the list's order
    EngineMemory memory_at_end;
    std::array<int32_t, tasks_max> task_state_at_end;

    void clear() {
        events.clear();
        scheduler_calls.clear();
        waiting_at_end.clear();
    }
};

}  // namespace fuzz
