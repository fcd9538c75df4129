// How tasks get into the scheduler: limits, slots, dependencies, scopes.
//
// Scopes nest. A scope holds its tasks until it ends, so that they can be named as dependencies,
// and each depth has a ring of its own (the last one serves all that are deeper), so that an inner
// scope's slots come free while an outer one is open.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core_interface.h"
#include "fanout.h"
#include "pto_assert.h"
#include "scheduler_completion.h"
#include "task_ring.h"

namespace pto {

/// A task to submit.
struct TaskSpec {
    /// SUBTASK_ bits: the cores that each block runs on. None: a dummy, which completes as
    /// soon as its dependencies have.
    uint8_t active_mask = 0;
    /// Blocks, from 1 on; not looked at for a dummy.
    int32_t block_num = 1;
    uint64_t kernel_addr = 0;
    uint64_t args_addr = 0;
    /// Tasks that have to complete first; one may be named several times.
    std::span<const PTO2TaskId> dependencies = {};
};

/// The result of a submission.
struct SubmitResult {
    /// PTO2_ERROR_NONE; PTO2_ERROR_INVALID_ARGS, which ends nothing; or the error that ended the
    /// run.
    int32_t error_code;
    PTO2TaskId task_id;  ///< invalid unless the task was submitted
};

/// Submits tasks. Used by one thread, alongside the scheduler threads.
template <class Platform, class Completion = SchedulerCompletion<Platform>>
class TaskSubmission {
  public:
    using Slot = PTO2TaskSlotState<Platform>;
    using Ring = TaskRing<Platform>;
    using Parts = SchedulerParts<Platform>;

    /// Subtasks of one task, all its blocks together.
    static constexpr int32_t subtasks_max = 32767;

    TaskSubmission(const Parts& parts, Completion& completion)
        : parts_(parts), completion_(completion) {
        reset();
    }

    /// Submits a task into the innermost open scope; waits until its ring has room. All or nothing.
    ///
    /// PTO2_ERROR_INVALID_ARGS: an unknown core, fewer than one block, more than 32767 subtasks, a
    /// dependency that was never submitted, more dependencies than the ring holds, no open scope,
    /// a ring whose tasks are all held by open scopes, where the task would wait forever, or a task
    /// after finish(), also when an error has ended the run.
    SubmitResult submit_task(const TaskSpec& spec) noexcept {
        for (;;) {
            const SubmitResult result = try_submit_task(spec);
            if (result.error_code != PTO2_ERROR_NONE || result.task_id.is_valid()) {
                return result;
            }
            parts_.cores.idle(static_cast<uint32_t>(parts_.threads.size()));
        }
    }

    /// As submit_task(), but returns PTO2_ERROR_NONE and an invalid id instead of waiting.
    SubmitResult try_submit_task(const TaskSpec& spec) noexcept {
        const PTO2TaskId none = PTO2TaskId::invalid();
        if (parts_.run.is_submission_finished()) {
            return {PTO2_ERROR_INVALID_ARGS, none};
        }
        if (parts_.run.is_stopped()) {
            return {parts_.run.sched_error_code(), none};
        }
        if (scopes_.empty() || !is_valid(spec)) {
            return {PTO2_ERROR_INVALID_ARGS, none};
        }
        const Scope& scope = scopes_.back();
        switch (ring_of(scope).room_for(spec.dependencies.size(), held_from_[scope.ring])) {
            case RingRoom::AVAILABLE:
                parts_.run.note_room();
                break;
            case RingRoom::WAIT:
                parts_.run.note_full_ring(
                    scope.ring, held_from_[scope.ring].value_or(ring_of(scope).next_task()));
                return {PTO2_ERROR_NONE, none};
            case RingRoom::NEVER:
                return {PTO2_ERROR_INVALID_ARGS, none};
        }
        Slot& slot = open_task(spec, scope);
        const PTO2TaskId id = slot.task->task_id;
        wire(spec, slot);
        return {PTO2_ERROR_NONE, id};
    }

    /// Opens a scope inside the innermost open one. May allocate.
    void begin_scope() {
        const uint32_t depth = static_cast<uint32_t>(scopes_.size());
        const uint32_t last_ring = static_cast<uint32_t>(parts_.rings.size()) - 1;
        const uint32_t ring = depth < last_ring ? depth : last_ring;
        scopes_.push_back({ring, held_.size(), held_from_[ring]});
    }

    /// Ends the innermost scope and gives back its hold on each of its tasks. False when none is
    /// open.
    bool end_scope() noexcept {
        if (scopes_.empty()) {
            return false;
        }
        const Scope scope = scopes_.back();
        PTO_ASSERT(scope.first_held <= held_.size(), scope.first_held, held_.size());
        scopes_.pop_back();
        held_from_[scope.ring] = scope.held_from_before;
        for (size_t i = scope.first_held; i < held_.size(); ++i) {
            completion_.give_back(*held_[i]);
        }
        held_.resize(scope.first_held);
        return true;
    }

    /// Ends all scopes and says that no task will follow.
    void finish() noexcept {
        while (end_scope()) {
        }
        parts_.run.finish_submission();
    }

    /// Starts again, with one open scope. Quiescent only.
    void reset() {
        size_t tasks_max = 0;
        for (const auto& ring : parts_.rings) {
            tasks_max += ring->window();
        }
        held_.clear();
        held_.reserve(tasks_max);
        scopes_.clear();
        held_from_.assign(parts_.rings.size(), std::nullopt);
        begin_scope();
    }

  private:
    struct Scope {
        uint32_t ring;
        size_t first_held;
        std::optional<uint64_t> held_from_before;
    };

    Ring& ring_of(const Scope& scope) noexcept { return *parts_.rings[scope.ring]; }

    static int32_t cores_per_block(uint8_t active_mask) noexcept {
        return __builtin_popcount(active_mask);
    }

    bool is_valid(const TaskSpec& spec) const noexcept {
        const bool is_dummy = spec.active_mask == 0;
        if ((spec.active_mask & ~SUBTASK_MASK_ALL) != 0 ||
            (!is_dummy && (spec.block_num < 1 ||
                           spec.block_num > subtasks_max / cores_per_block(spec.active_mask)))) {
            return false;
        }
        for (const PTO2TaskId id : spec.dependencies) {
            if (id.ring() >= parts_.rings.size() ||
                !parts_.rings[id.ring()]->has_been_submitted(id.local())) {
                return false;
            }
        }
        return true;
    }

    /// Takes a slot for the task and fills it; no other thread knows of it yet.
    Slot& open_task(const TaskSpec& spec, const Scope& scope) noexcept {
        const bool is_dummy = spec.active_mask == 0;
        const int32_t subtasks = is_dummy ? 0 : spec.block_num * cores_per_block(spec.active_mask);
        PTO_ASSERT(0 <= subtasks && subtasks <= subtasks_max, subtasks);
        PTO_ASSERT(held_.size() < held_.capacity(), held_.size());
        Ring& ring = ring_of(scope);
        if (!held_from_[scope.ring]) {
            held_from_[scope.ring] = ring.next_task();
        }
        Slot& slot = ring.open_task(static_cast<uint32_t>(spec.dependencies.size()));
        slot.payload->kernel_addr = spec.kernel_addr;
        slot.payload->args_addr = spec.args_addr;
        slot.active_mask = spec.active_mask;
        slot.logical_block_num = static_cast<int16_t>(is_dummy ? 0 : spec.block_num);
        slot.total_required_subtasks = static_cast<int16_t>(subtasks);
        slot.fanin_count = static_cast<int32_t>(spec.dependencies.size());
        held_.push_back(&slot);
        parts_.run.task_submitted();
        return slot;
    }

    /// Attaches the task to its producers; enqueues it if they have all completed.
    void wire(const TaskSpec& spec, Slot& slot) noexcept {
        Ring& ring = *parts_.rings[slot.ring_id];
        uint64_t record = slot.payload->first_dependency;
        uint32_t met = 0;
        for (const PTO2TaskId id : spec.dependencies) {
            TaskDependency<Platform>& dependency = ring.dependency(record++);
            Slot& producer = parts_.rings[id.ring()]->slot(id.local());
            dependency.node = {&slot, nullptr};
            // Written before the producer can complete: the thread that releases the consumer
            // reads it.
            dependency.producer = &producer;
            if (!attach_consumer(producer, id, dependency.node)) {
                dependency.producer = nullptr;
                ++met;
            }
        }
        PTO_ASSERT(met <= spec.dependencies.size(), met, spec.dependencies.size());
        // The last of these is for the wiring, and the only one that can make the task ready.
        bool is_ready = false;
        for (uint32_t i = 0; i <= met; ++i) {
            is_ready = meet_dependency(slot);
        }
        if (is_ready) {
            parts_.queues.enqueue(slot, nullptr);
        }
    }

    const Parts parts_;
    Completion& completion_;
    std::vector<Scope> scopes_;
    std::vector<Slot*> held_;  ///< tasks of all open scopes, in the order of submission
    std::vector<std::optional<uint64_t>>
        held_from_;  ///< for each ring, its first task held, if any
};

}  // namespace pto
