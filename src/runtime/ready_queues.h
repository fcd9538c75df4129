// Where ready tasks wait, sorted by the cores that they need.
#pragma once

#include <array>
#include <cstdint>

#include "completion_scheduler.h"
#include "core_interface.h"
#include "pto_assert.h"
#include "ready_queue.h"
#include "run_state.h"
#include "spin_hint.h"
#include "task_slot.h"

namespace pto {

/// What a block of a task needs: one cube core, one vector core, several cores of one cluster, or
/// none at all.
enum class TaskShape : uint8_t { AIC, AIV, MIX, DUMMY };
inline constexpr uint32_t TASK_SHAPES = 4;

constexpr TaskShape task_shape(uint8_t active_mask) noexcept {
    switch (active_mask) {
        case 0:
            return TaskShape::DUMMY;
        case SUBTASK_AIC:
            return TaskShape::AIC;
        case SUBTASK_AIV0:
        case SUBTASK_AIV1:
            return TaskShape::AIV;
        default:
            return TaskShape::MIX;
    }
}

/// Tasks that one thread made ready and has not offered to the others yet. The same thread
/// dispatches them, or hands them on, before its turn ends. Used by that thread only.
template <class Platform>
struct PTO2LocalReadyBuffer {
    using Slot = PTO2TaskSlotState<Platform>;
    static constexpr uint32_t capacity = 64;

    struct Tasks {
        std::array<Slot*, capacity> slots;
        uint32_t count = 0;
    };
    std::array<Tasks, TASK_SHAPES> of_shape;

    Tasks& tasks(TaskShape shape) noexcept { return of_shape[static_cast<size_t>(shape)]; }

    /// Keeps a task; false when there is no room.
    bool push(TaskShape shape, Slot& slot) noexcept {
        Tasks& kept = tasks(shape);
        PTO_ASSERT(kept.count <= capacity, kept.count);
        if (kept.count == capacity) {
            return false;
        }
        kept.slots[kept.count++] = &slot;
        return true;
    }

    /// The task that came last, whose data is warmest, or null.
    Slot* pop(TaskShape shape) noexcept {
        Tasks& kept = tasks(shape);
        PTO_ASSERT(kept.count <= capacity, kept.count);
        return kept.count == 0 ? nullptr : kept.slots[--kept.count];
    }
};

/// The four queues that all threads share. Each has room for every task there can be.
///
/// Any thread may call any function but drop_all(), which needs quiescence.
template <class Platform>
class ReadyQueues {
  public:
    using Slot = PTO2TaskSlotState<Platform>;
    using LocalBuffer = PTO2LocalReadyBuffer<Platform>;

    /// `capacity` of each queue, a power of two. Throws std::invalid_argument if it is not.
    ReadyQueues(uint64_t capacity, const RunState& run)
        : run_(run),
          queues_{ReadyQueue<Slot>(capacity), ReadyQueue<Slot>(capacity),
                  ReadyQueue<Slot>(capacity), ReadyQueue<Slot>(capacity)} {}

    ReadyQueue<Slot>& queue(TaskShape shape) noexcept {
        return queues_[static_cast<size_t>(shape)];
    }

    /// Makes a task available that has just become ready: to this thread first, if it has a buffer
    /// with room.
    void enqueue(Slot& slot, LocalBuffer* local) noexcept {
        // Relaxed: a task that is ready, or has blocks left, cannot complete now.
        PTO_ASSERT(slot.task_state.load(std::memory_order_relaxed) == PTO2_TASK_PENDING);
        const TaskShape shape = task_shape(slot.active_mask);
        if (local == nullptr || !local->push(shape, slot)) {
            Slot* const task = &slot;
            push_all(shape, &task, 1);
        }
    }

    /// Is there a task of this shape? A hint.
    bool has_ready(TaskShape shape, LocalBuffer& local) noexcept {
        return local.tasks(shape).count != 0 || queue(shape).size() != 0;
    }

    /// A task of this thread's buffer, else of the shared queue, or null.
    Slot* pop(TaskShape shape, LocalBuffer& local) noexcept {
        Slot* const task = local.pop(shape);
        return task != nullptr ? task : queue(shape).pop();
    }

    /// Offers what is left in a thread's buffer to all.
    void hand_on(LocalBuffer& local) noexcept {
        for (uint32_t shape = 0; shape < TASK_SHAPES; ++shape) {
            typename LocalBuffer::Tasks& left = local.of_shape[shape];
            PTO_ASSERT(left.count <= LocalBuffer::capacity, left.count);
            if (left.count != 0) {
                push_all(static_cast<TaskShape>(shape), left.slots.data(), left.count);
                left.count = 0;
            }
        }
    }

    /// Are all queues empty? Quiescent only.
    bool is_empty() const noexcept {
        uint64_t size = 0;
        for (const ReadyQueue<Slot>& queue : queues_) {
            size += queue.size();
        }
        return size == 0;
    }

    /// Empties the queues.
    void drop_all() noexcept {
        for (ReadyQueue<Slot>& queue : queues_) {
            while (queue.pop() != nullptr) {
            }
        }
    }

  private:
    /// Pushes every one of the tasks. A queue with room for every task refuses none, so the loop
    /// ends at its first turn; if it did refuse one, that task would not be lost.
    void push_all(TaskShape shape, Slot* const* tasks, uint32_t n) noexcept {
        uint32_t pushed = queue(shape).push_batch(tasks, n);
        while (pushed < n && !run_.is_stopped()) {
            spin_hint();
            pushed += queue(shape).push_batch(tasks + pushed, n - pushed);
        }
        PTO_ASSERT(pushed <= n, pushed, n);
    }

    const RunState& run_;
    std::array<ReadyQueue<Slot>, TASK_SHAPES> queues_;
};

}  // namespace pto
