// A task's slot: everything that scheduler threads share about one task, in one cache line.
#pragma once

#include <atomic>
#include <cstdint>

#include "pto_assert.h"
#include "pto_constants.h"
#include "spin_hint.h"
#include "task_id.h"

namespace pto {

/// Values of PTO2TaskSlotState::task_state, in the order a task passes through them.
inline constexpr int32_t PTO2_TASK_PENDING = 0;
inline constexpr int32_t PTO2_TASK_COMPLETED = 1;
inline constexpr int32_t PTO2_TASK_CONSUMED = 2;

/// What a task is, as far as completion is concerned.
struct TaskDescriptor {
    PTO2TaskId task_id;
};

template <class Platform>
struct TaskPayload;

template <class Platform>
struct PTO2TaskSlotState;

/// A link of a producer's list of consumers. Owned by the consumer's payload.
template <class Platform>
struct FanoutNode {
    PTO2TaskSlotState<Platform>* consumer;
    FanoutNode* next;
};

/// Holds on a slot that every task has, besides one for each of its consumers: the scope in which
/// it was submitted, and the task itself.
inline constexpr int32_t FANOUT_HOLDS = 2;

/// The shared state of one task: 64 bytes, one cache line, reused for a later task of the ring.
///
/// All zero bytes are a pending slot without holds; reset_for_reuse() makes it one for a task. The
/// wait list reads `task`, moves `task_state` from PENDING to COMPLETED and keeps `is_waiting`, all
/// under its lock; the other fields belong to the scheduler. What happens to them is in fanout.h,
/// and below.
template <class Platform>
struct alignas(PTO2_ALIGN_SIZE) PTO2TaskSlotState {
    std::atomic<int32_t> fanout_lock;
    std::atomic<int32_t> fanout_count;
    FanoutNode<Platform>* fanout_head = nullptr;
    std::atomic<int32_t> task_state;
    std::atomic<int32_t> fanin_refcount;
    int32_t fanin_count = 0;
    std::atomic<int32_t> fanout_refcount;
    TaskPayload<Platform>* payload = nullptr;
    TaskDescriptor* task = nullptr;
    uint8_t active_mask = 0;
    uint8_t ring_id = 0;
    std::atomic<bool> any_subtask_deferred;
    bool is_waiting = false;  ///< the wait list's: it knows that all subtasks are FIN
    std::atomic<int16_t> completed_subtasks;
    int16_t total_required_subtasks = 0;
    int16_t logical_block_num = 0;
    std::atomic<int16_t> next_block_idx;

    /// Takes the lock of the consumer list and of the holds. Waits; it is held for a few stores.
    void lock_fanout() noexcept {
        // Acquire: pairs with the release store in unlock_fanout().
        while (fanout_lock.exchange(1, std::memory_order_acquire) != 0) {
            while (fanout_lock.load(std::memory_order_relaxed) != 0) {
                spin_hint();
            }
        }
    }

    void unlock_fanout() noexcept {
        // Relaxed: the holder's own store.
        PTO_ASSERT(fanout_lock.load(std::memory_order_relaxed) == 1);
        // Release: pairs with the acquire exchange in lock_fanout().
        fanout_lock.store(0, std::memory_order_release);
    }

    /// Counts one finished subtask. True for exactly one caller, the last; what every subtask did
    /// before happens-before that caller's return. After a false the slot must not be touched.
    bool on_subtask_complete() noexcept {
        // Before the increment: after it another subtask may be the last, and the slot reused.
        const int16_t required = total_required_subtasks;
        // Acq_rel: pairs with itself; each increment passes on what the earlier ones released.
        const int16_t before = completed_subtasks.fetch_add(1, std::memory_order_acq_rel);
        PTO_ASSERT(0 <= before && before < required, before, required);
        return before + 1 == required;
    }

    /// Claims up to `blocks_max` blocks that no other call has, as a range from `first_block` on;
    /// returns how many, 0 when all are taken.
    int16_t claim_blocks(int16_t blocks_max, int16_t& first_block) noexcept {
        // Relaxed, as is the exchange: the count alone decides which call has which block.
        int16_t first = next_block_idx.load(std::memory_order_relaxed);
        for (;;) {
            PTO_ASSERT(0 <= first && first <= logical_block_num, first, logical_block_num);
            const int16_t left = static_cast<int16_t>(logical_block_num - first);
            const int16_t claimed = left < blocks_max ? left : blocks_max;
            if (claimed <= 0) {
                return 0;
            }
            if (next_block_idx.compare_exchange_weak(first, static_cast<int16_t>(first + claimed),
                                                     std::memory_order_relaxed,
                                                     std::memory_order_relaxed)) {
                first_block = first;
                return claimed;
            }
        }
    }

    /// Makes the slot one of a task that is under construction: pending, with the two holds that
    /// every task has, and nothing else. Only while no other thread may touch it: before its first
    /// task, or once the watermark has passed it.
    void reset_for_reuse() noexcept {
        // All relaxed: a thread learns of the new task through later releases.
        fanout_lock.store(0, std::memory_order_relaxed);
        fanout_count.store(FANOUT_HOLDS, std::memory_order_relaxed);
        fanout_head = nullptr;
        task_state.store(PTO2_TASK_PENDING, std::memory_order_relaxed);
        fanin_refcount.store(0, std::memory_order_relaxed);
        fanin_count = 0;
        fanout_refcount.store(0, std::memory_order_relaxed);
        payload = nullptr;
        task = nullptr;
        active_mask = 0;
        any_subtask_deferred.store(false, std::memory_order_relaxed);
        is_waiting = false;
        completed_subtasks.store(0, std::memory_order_relaxed);
        total_required_subtasks = 0;
        logical_block_num = 0;
        next_block_idx.store(0, std::memory_order_relaxed);
    }
};

}  // namespace pto
