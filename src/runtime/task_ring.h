// A ring of tasks: a window of slots that the tasks of one scope depth pass through in the order of
// their submission.
//
// Task n lives in slot n mod window, from its submission until the watermark has passed it. What a
// task depends on is kept in a second ring, of records, in the same order, so that a task may have
// any number of producers that the ring has room for, and nothing is allocated during a run.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "pto_assert.h"
#include "pto_constants.h"
#include "task_id.h"
#include "task_slot.h"
#include "watermark.h"

namespace pto {

/// One dependency of a task: its link in the producer's list of consumers, and the producer on
/// which it has a hold, or null when it was met before the task was submitted.
template <class Platform>
struct TaskDependency {
    FanoutNode<Platform> node;
    PTO2TaskSlotState<Platform>* producer;
};

/// What a task is, apart from its shared state. Written by the submitting thread before the task
/// can become ready, read-only until the slot is reused.
template <class Platform>
struct TaskPayload {
    TaskDescriptor descriptor;
    uint64_t kernel_addr;
    uint64_t args_addr;
    uint64_t first_dependency;
    uint32_t dependency_count;
};

/// Is there room for a task in a ring?
enum class RingRoom : uint8_t {
    AVAILABLE,
    WAIT,   ///< not yet: earlier tasks have to be consumed first
    NEVER,  ///< those earlier tasks are held by a scope that is still open
};

/// The tasks of one ring.
///
/// One thread submits: it alone calls room_for(), open_task() and the functions that say so.
/// reset() needs quiescence. Any thread may call everything else. Nothing but the constructor
/// allocates or throws.
template <class Platform>
class TaskRing {
  public:
    using Slot = PTO2TaskSlotState<Platform>;
    using Payload = TaskPayload<Platform>;
    using Dependency = TaskDependency<Platform>;

    /// Both sizes are powers of two, at most 2^31. Throws std::invalid_argument if they are not.
    TaskRing(uint8_t ring_id, uint32_t window, uint32_t dependency_capacity)
        : ring_id_(ring_id),
          window_(checked("window", window)),
          dependency_capacity_(checked("dependency_capacity", dependency_capacity)),
          slots_(std::make_unique<Slot[]>(window)),
          payloads_(std::make_unique<Payload[]>(window)),
          dependencies_(std::make_unique<Dependency[]>(dependency_capacity)) {}

    uint32_t window() const noexcept { return window_; }

    /// The slot in which task `local` lives, or lived.
    Slot& slot(uint64_t local) noexcept { return slots_[local & (window_ - 1)]; }

    /// The dependency records of a task, from `payload.first_dependency` on.
    Dependency& dependency(uint64_t index) noexcept {
        return dependencies_[index & (dependency_capacity_ - 1)];
    }

    /// The number of the next task, as far as this thread knows.
    uint64_t submitted() const noexcept {
        // Acquire: pairs with the release store in open_task(); the slot has been reset.
        return submitted_.load(std::memory_order_acquire);
    }

    /// Tasks before this one are consumed, and their slots free.
    uint64_t consumed() const noexcept { return watermark_.value(); }

    /// Was task `local` submitted, at most 2^31 tasks ago? For the submitting thread.
    bool has_been_submitted(uint32_t local) const noexcept {
        const uint32_t age = static_cast<uint32_t>(next_task_) - local;
        return age != 0 && age <= uint32_t{1} << 31 && age <= next_task_ - first_task_;
    }

    /// Is there room for a task with `dependency_count` dependencies, while open scopes hold the
    /// tasks from `held_from` on, if there is one?
    RingRoom room_for(uint64_t dependency_count, std::optional<uint64_t> held_from) const noexcept {
        if (!fits(dependency_count, held_from.value_or(next_task_))) {
            return RingRoom::NEVER;
        }
        return fits(dependency_count, consumed()) ? RingRoom::AVAILABLE : RingRoom::WAIT;
    }

    /// Takes the next slot for a task that is under construction: pending, with an empty payload
    /// that has room for its dependencies. Only when room_for() said AVAILABLE.
    Slot& open_task(uint32_t dependency_count) noexcept {
        Slot& opened = slot(next_task_);
        // Relaxed: room_for() has seen the watermark past the slot's last task of this run.
        PTO_ASSERT(next_task_ - first_task_ < window_ ||
                       opened.task_state.load(std::memory_order_relaxed) == PTO2_TASK_CONSUMED,
                   next_task_, window_);
        PTO_ASSERT(dependency_count <= dependency_capacity_, dependency_count);
        Payload& payload = payloads_[next_task_ & (window_ - 1)];
        payload = {TaskDescriptor{PTO2TaskId::make(ring_id_, static_cast<uint32_t>(next_task_))}, 0,
                   0, next_dependency_, dependency_count};
        next_dependency_ += dependency_count;
        opened.reset_for_reuse();
        opened.ring_id = ring_id_;
        opened.payload = &payload;
        opened.task = &payload.descriptor;
        // Release: pairs with the acquire load in submitted(); a scan for the watermark that counts
        // the task finds it pending and not what the slot held before.
        submitted_.store(++next_task_, std::memory_order_release);
        return opened;
    }

    /// The number of the next task. For the submitting thread.
    uint64_t next_task() const noexcept { return next_task_; }

    /// To be called once for each task of this ring, after it was marked CONSUMED.
    void task_consumed() noexcept {
        watermark_.task_consumed([this](uint64_t task) {
            // Acquire: pairs with the release that marked it, in give_back_hold(); no thread uses
            // the slot any more.
            return is_before(task, submitted()) &&
                   slot(task).task_state.load(std::memory_order_acquire) == PTO2_TASK_CONSUMED;
        });
    }

    /// Is every task that was submitted consumed, and the watermark past the last?
    bool is_all_consumed() const noexcept { return consumed() == submitted(); }

    /// Forgets every task; the next one is number `first_task`, any number; after 2^64 - 1 comes 0.
    /// Quiescent only.
    void reset(uint64_t first_task = 0) noexcept {
        first_task_ = next_task_ = first_task;
        next_dependency_ = 0;
        watermark_.reset(first_task);
        // Relaxed: quiescence orders it before every later call.
        submitted_.store(first_task, std::memory_order_relaxed);
    }

  private:
    static uint32_t checked(const char* name, uint32_t size) {
        if (!std::has_single_bit(size)) {
            throw std::invalid_argument("task ring: " + std::string(name) + " " +
                                        std::to_string(size) +
                                        ": must be a power of two, 1 to 2147483648");
        }
        return size;
    }

    /// Numbers of tasks begin again after 2^64; those that are compared are less than 2^63 apart.
    static bool is_before(uint64_t task, uint64_t other) noexcept {
        return static_cast<int64_t>(task - other) < 0;
    }

    /// Is there room for one more task if the tasks before `first_kept` are gone?
    bool fits(uint64_t dependency_count, uint64_t first_kept) const noexcept {
        const uint64_t records_from = first_kept == next_task_
                                          ? next_dependency_
                                          : payloads_[first_kept & (window_ - 1)].first_dependency;
        PTO_ASSERT(next_task_ - first_kept <= window_, next_task_, first_kept);
        return next_task_ - first_kept < window_ &&
               next_dependency_ - records_from + dependency_count <= dependency_capacity_;
    }

    const uint8_t ring_id_;
    const uint32_t window_;
    const uint32_t dependency_capacity_;
    const std::unique_ptr<Slot[]> slots_;
    const std::unique_ptr<Payload[]> payloads_;
    const std::unique_ptr<Dependency[]> dependencies_;
    // The submitting thread's own.
    uint64_t first_task_ = 0;
    uint64_t next_task_ = 0;
    uint64_t next_dependency_ = 0;
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> submitted_ = 0;
    RingWatermark watermark_;
};

}  // namespace pto
