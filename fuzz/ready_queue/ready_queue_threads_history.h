// What happened when a schedule of the ready queue ran on real threads: each thread's calls in its
// own order, and the tasks that each popper got, in its own order. Nothing here is shared between
// threads while they run.
//
// Stamps order calls of different threads: if one call's `end` is less than another's `begin`, it
// returned before the other began. They are drawn from one counter and order nothing else, so that
// a data race stays visible to ThreadSanitizer. All are 0 in a schedule that is not stamped.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {

/// One call. Pushes, of any kind: `first` is the number of the first task offered, `count` how many
/// were offered and `result` how many taken. Pops, of any kind: `count` asked for, `result` came
/// out, and `first` had come out to this thread earlier. size: `result`.
struct ReadyThreadsEvent {
    uint32_t operation;  ///< index into the thread's list; its size for the drain after it
    ReadyThreadsCall call;
    uint32_t first;
    uint32_t count;
    uint32_t result;
    uint64_t begin;
    uint64_t end;
};

struct PoppedTask {
    const ReadyTask* task;
    uint32_t mark;  ///< what the popper read from it; 0 if it is not a task
};

struct ReadyQueueThreadsHistory {
    std::array<std::vector<ReadyThreadsEvent>, ready_threads_max> events;
    std::array<std::vector<PoppedTask>, ready_poppers_max> popped;
    bool stuck;  ///< a push that repeats until it is taken was not taken within its time

    void clear() {
        for (auto& list : events) {
            list.clear();
        }
        for (auto& list : popped) {
            list.clear();
        }
        stuck = false;
    }
};

/// Every pusher has tasks of its own, which it pushes in the order of their numbers.
constexpr uint32_t ready_task_number(uint32_t pusher, uint32_t count) {
    return pusher * schedule_messages_max + count;
}
constexpr uint32_t ready_task_pusher(uint32_t number) { return number / schedule_messages_max; }

/// What the pusher writes into a task, and the popper wipes.
constexpr uint32_t ready_mark(uint32_t number) { return number + 1; }

}  // namespace fuzz
