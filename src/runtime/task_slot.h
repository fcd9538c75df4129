// A task's slot: everything that scheduler threads share about one task, in one cache line.
#pragma once

#include <atomic>
#include <cstdint>

#include "pto_constants.h"
#include "task_id.h"

namespace pto {

/// Values of PTO2TaskSlotState::task_state, in the order a task passes through them.
inline constexpr int32_t PTO2_TASK_PENDING = 0;
inline constexpr int32_t PTO2_TASK_COMPLETED = 1;
inline constexpr int32_t PTO2_TASK_CONSUMED = 2;

/// What a task is, as far as completion is concerned.
struct PTO2TaskDescriptor {
    PTO2TaskId task_id;
};

template <class Platform>
struct PTO2TaskPayload;

template <class Platform>
struct PTO2FanoutNode;

/// The shared state of one task: 64 bytes, one cache line, reused for a later task of the ring.
///
/// All zero bytes are a pending slot. The wait list reads `task` and moves `task_state` from
/// PENDING to COMPLETED; the other fields belong to the scheduler.
template <class Platform>
struct alignas(PTO2_ALIGN_SIZE) PTO2TaskSlotState {
    std::atomic<int32_t> fanout_lock;
    std::atomic<int32_t> fanout_count;
    PTO2FanoutNode<Platform>* fanout_head = nullptr;
    std::atomic<int32_t> task_state;
    std::atomic<int32_t> fanin_refcount;
    int32_t fanin_count = 0;
    std::atomic<int32_t> fanout_refcount;
    PTO2TaskPayload<Platform>* payload = nullptr;
    PTO2TaskDescriptor* task = nullptr;
    uint8_t active_mask = 0;
    uint8_t ring_id = 0;
    std::atomic<bool> any_subtask_deferred;
    std::atomic<int16_t> completed_subtasks;
    int16_t total_required_subtasks = 0;
    int16_t logical_block_num = 0;
    std::atomic<int16_t> next_block_idx;
};

}  // namespace pto
