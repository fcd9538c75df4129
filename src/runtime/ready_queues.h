// Where ready tasks wait, sorted by the cores that they need.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "completion_scheduler.h"
#include "core_interface.h"
#include "pto_assert.h"
#include "ready_queue.h"
#include "run_state.h"
#include "spin_hint.h"
#include "task_slot.h"

namespace pto {

/// What a block of a task needs: one cube core, one vector core, several cores of one cluster, or
/// none at all. Each set of several cores is a shape of its own, so that a task which cannot be
/// placed never stands before one which can: where one task of a shape fits, each does.
enum class TaskShape : uint8_t {
    DUMMY,
    AIC,
    AIV,
    MIX_AIC_AIV0,
    MIX_AIC_AIV1,
    MIX_AIV0_AIV1,
    MIX_ALL,
};
inline constexpr uint32_t TASK_SHAPES = 7;

constexpr TaskShape task_shape(uint8_t active_mask) noexcept {
    PTO_ASSERT(active_mask <= SUBTASK_MASK_ALL, active_mask);
    switch (active_mask) {
        case 0:
            return TaskShape::DUMMY;
        case SUBTASK_AIC:
            return TaskShape::AIC;
        case SUBTASK_AIV0:
        case SUBTASK_AIV1:
            return TaskShape::AIV;
        case SUBTASK_AIC | SUBTASK_AIV0:
            return TaskShape::MIX_AIC_AIV0;
        case SUBTASK_AIC | SUBTASK_AIV1:
            return TaskShape::MIX_AIC_AIV1;
        case SUBTASK_AIV0 | SUBTASK_AIV1:
            return TaskShape::MIX_AIV0_AIV1;
        default:
            return TaskShape::MIX_ALL;
    }
}

/// The cores that a block of this shape needs. A task for one vector core takes either.
constexpr uint8_t cores_of(TaskShape shape) noexcept {
    switch (shape) {
        case TaskShape::DUMMY:
            return 0;
        case TaskShape::AIC:
            return SUBTASK_AIC;
        case TaskShape::AIV:
            return SUBTASK_AIV0;
        case TaskShape::MIX_AIC_AIV0:
            return SUBTASK_AIC | SUBTASK_AIV0;
        case TaskShape::MIX_AIC_AIV1:
            return SUBTASK_AIC | SUBTASK_AIV1;
        case TaskShape::MIX_AIV0_AIV1:
            return SUBTASK_AIV0 | SUBTASK_AIV1;
        case TaskShape::MIX_ALL:
            break;
    }
    return SUBTASK_MASK_ALL;
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

/// The queues that all threads share, one for each shape. Each has room for every task there can
/// be.
///
/// Any thread may call any function but drop_all(), which needs quiescence.
template <class Platform>
class ReadyQueues {
  public:
    using Slot = PTO2TaskSlotState<Platform>;
    using LocalBuffer = PTO2LocalReadyBuffer<Platform>;

    /// `capacity` of each queue, a power of two. Throws std::invalid_argument if it is not.
    ReadyQueues(uint64_t capacity, const RunState& run)
        : run_(run), queues_(make_queues(capacity, std::make_index_sequence<TASK_SHAPES>())) {}

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

    /// Calls visit(Slot&) for each task of the shared queues. For a diagnosis, while no thread
    /// pops.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const ReadyQueue<Slot>& queue : queues_) {
            queue.for_each(visit);
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
    template <size_t... Shape>
    static std::array<ReadyQueue<Slot>, TASK_SHAPES> make_queues(uint64_t capacity,
                                                                 std::index_sequence<Shape...>) {
        return {(static_cast<void>(Shape), ReadyQueue<Slot>(capacity))...};
    }

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
