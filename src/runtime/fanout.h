// Dependencies between tasks: what becomes ready when a task completes, and when its slot is free.
//
// A producer keeps a list of its consumers, and a count of the holds on its slot: one for the
// scope, one for the task itself and one for every consumer. A consumer counts the dependencies
// that are met; one more, for its wiring, keeps it from becoming ready while it is still being
// submitted. List and holds change under the producer's fan-out lock.
#pragma once

#include <atomic>
#include <cstdint>

#include "pto_assert.h"
#include "task_slot.h"

namespace pto {

/// Makes `node.consumer` depend on the task `token`, which lives, or lived, in `producer`. Returns
/// false when that task is completed or gone: the dependency is met, and `node` stays free.
/// A true adds a hold, which the consumer gives back when it is released itself.
template <class Platform>
bool attach_consumer(PTO2TaskSlotState<Platform>& producer, PTO2TaskId token,
                     FanoutNode<Platform>& node) noexcept {
    producer.lock_fanout();
    // Acquire: pairs with the release that completed the task, which the wait list makes without
    // the fan-out lock; what the task wrote is visible to a consumer that finds it completed.
    const bool is_pending =
        producer.task_state.load(std::memory_order_acquire) == PTO2_TASK_PENDING &&
        producer.task != nullptr && producer.task->task_id == token;
    if (is_pending) {
        PTO_ASSERT(node.consumer != &producer, token.raw);
        node.next = producer.fanout_head;
        producer.fanout_head = &node;
        // Relaxed: the holds are used under the lock only.
        producer.fanout_count.store(producer.fanout_count.load(std::memory_order_relaxed) + 1,
                                    std::memory_order_relaxed);
    }
    producer.unlock_fanout();
    return is_pending;
}

/// Marks the task as completed and takes its consumers off it; each gets meet_dependency() once.
/// Once per task.
template <class Platform>
FanoutNode<Platform>* complete_and_take_consumers(PTO2TaskSlotState<Platform>& slot) noexcept {
    slot.lock_fanout();
    // Relaxed: only an assertion reads it.
    PTO_ASSERT(slot.task_state.load(std::memory_order_relaxed) != PTO2_TASK_CONSUMED);
    // Release: pairs with the acquire load in attach_consumer(), for a thread that sees it without
    // having had the lock after this one.
    slot.task_state.store(PTO2_TASK_COMPLETED, std::memory_order_release);
    FanoutNode<Platform>* const consumers = slot.fanout_head;
    slot.fanout_head = nullptr;
    slot.unlock_fanout();
    return consumers;
}

/// Counts a dependency of `consumer`, or its wiring, as met. True for exactly one caller, which
/// then has to enqueue it; what every producer did happens-before that return.
template <class Platform>
bool meet_dependency(PTO2TaskSlotState<Platform>& consumer) noexcept {
    // Before the increment: after it another dependency may be the last, and the consumer gone.
    const int32_t dependencies = consumer.fanin_count;
    // Acq_rel: pairs with itself; each increment passes on what the earlier ones released.
    const int32_t met = consumer.fanin_refcount.fetch_add(1, std::memory_order_acq_rel);
    // With its wiring, a task has one more to meet than it has dependencies.
    PTO_ASSERT(0 <= met && met <= dependencies, met, dependencies);
    return met == dependencies;
}

/// Calls `enqueue(PTO2TaskSlotState<Platform>&)` for each consumer of the list that becomes ready.
template <class Platform, class Enqueue>
void release_consumers(FanoutNode<Platform>* node, Enqueue&& enqueue) noexcept {
    while (node != nullptr) {
        // A consumer may run, and its payload with this node be used for another task, as soon as
        // its last dependency is met.
        PTO_ASSERT(node->consumer != nullptr);
        PTO2TaskSlotState<Platform>& consumer = *node->consumer;
        node = node->next;
        if (meet_dependency(consumer)) {
            enqueue(consumer);
        }
    }
}

/// Gives one hold back. True for exactly one caller, when the task is completed and no hold is
/// left: its slot is CONSUMED then, and this caller has to tell the ring's watermark. The slot must
/// not be touched afterwards, for either result.
template <class Platform>
bool give_back_hold(PTO2TaskSlotState<Platform>& slot) noexcept {
    slot.lock_fanout();
    // Relaxed: the holds are used under the lock only.
    const int32_t given_back = slot.fanout_refcount.load(std::memory_order_relaxed) + 1;
    slot.fanout_refcount.store(given_back, std::memory_order_relaxed);
    const int32_t holds = slot.fanout_count.load(std::memory_order_relaxed);
    PTO_ASSERT(0 < given_back && given_back <= holds, given_back, holds);
    const bool is_last = given_back == holds;
    slot.unlock_fanout();
    if (!is_last) {
        return false;
    }
    // After the unlock, because the slot may be given to another task as soon as another thread
    // sees it consumed. Nothing can come between: the task gives its own hold back after it
    // completed, and a completed task takes no new consumer.
    int32_t expected = PTO2_TASK_COMPLETED;
    // Release: pairs with the acquire load by which the watermark's scan sees it.
    return slot.task_state.compare_exchange_strong(
        expected, PTO2_TASK_CONSUMED, std::memory_order_release, std::memory_order_relaxed);
}

}  // namespace pto
