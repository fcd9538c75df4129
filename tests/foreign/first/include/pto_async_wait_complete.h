// The plain tree with the first set of names: what calls the scheduler, for a file that has it.
#pragma once

#include "pto_async_wait.h"

inline void AsyncWaitList::complete(PTO2TaskSlotState& slot, DrainCompletionSink& sink) {
    slot.task_state.store(PTO2_TASK_COMPLETED);
    sink.sched->on_mixed_task_complete(slot, sink.local_bufs);
    ++sink.inline_completed;
    if (sink.deferred_release_slot_states == nullptr || sink.deferred_release_capacity == 0) {
        sink.sched->on_task_release(slot);
        return;
    }
    int32_t& used = *sink.deferred_release_count;
    if (used == sink.deferred_release_capacity) {
        for (int32_t i = 0; i < used; ++i) {
            sink.sched->on_task_release(*sink.deferred_release_slot_states[i]);
        }
        used = 0;
    }
    sink.deferred_release_slot_states[used++] = &slot;
}
