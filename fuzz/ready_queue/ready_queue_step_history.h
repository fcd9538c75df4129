// What happened when a ready-queue schedule ran on one thread: every call in order, with its
// arguments and its results, and every task that came out.
#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {

/// One call. Which members mean something depends on `call`:
///   push, push_batch, claim_push   `first_task` is the number of the first task offered, `count`
///                   how many were offered, `result` how many taken; claim_push: `ticket` is the
///                   first
///   put             `ticket`, and `first_task`: the task that was put there
///   pop, pop_batch  `count` asked for, `result` popped; they are the next `result` tasks of
///                   ReadyQueueStepHistory::popped
///   claim_pop       `count` asked for, `result` drawn, `ticket` is the first
///   take            `ticket`; its task is the next of ReadyQueueStepHistory::popped
///   size            `result`
struct ReadyQueueEvent {
    uint32_t operation;  ///< index into the schedule
    ReadyQueueCall call;
    /// The call was not made: it would have waited for an unfinished pop, which never ends on one
    /// thread.
    bool waits;
    uint32_t first_task;
    uint32_t count;
    uint32_t result;
    uint64_t ticket;
};

struct ReadyQueueStepHistory {
    std::vector<ReadyQueueEvent> events;
    std::vector<const ReadyTask*> popped;

    void clear() {
        events.clear();
        popped.clear();
    }
};

}  // namespace fuzz
