// The tasks of the scheduler's model, with their rings and scopes: what a submission returns, which
// task waits for which, and when a slot is free again.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/scheduler/scheduler_step_history.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "fuzz/scheduler/scheduler_verdicts.h"

namespace fuzz {

/// A submitted task.
struct ModelTask {
    const SchedulerTask* spec;
    uint32_t operation;  ///< that submitted it
    uint32_t ring;
    uint64_t number;  ///< in its ring
    uint64_t token;
    uint64_t first_record;  ///< of its dependencies, in its ring
    uint32_t open_dependencies;
    std::vector<uint32_t> consumers;
    std::vector<uint32_t> producers_held;
    uint32_t holds;
    uint32_t holds_given_back;
    bool is_completed;
    bool is_consumed;
    bool is_deferred;
    bool has_plain_subtask;
    uint32_t fins;
    uint32_t subtasks_dispatched;
    uint32_t last_dispatch_turn;
    std::vector<uint8_t> block_cores;  ///< of each block, the cores that have it
    std::vector<uint32_t> block_cluster;

    uint32_t cores_per_block() const { return static_cast<uint32_t>(std::popcount(spec->cores)); }
    uint32_t subtasks() const {
        return is_dummy() ? 0 : cores_per_block() * static_cast<uint32_t>(spec->block_num);
    }
    bool is_dummy() const { return spec->cores == 0; }
    bool is_ready() const { return open_dependencies == 0; }
    bool is_single_vector() const { return spec->cores == 2 || spec->cores == 4; }
    bool is_mixed() const { return cores_per_block() > 1; }
    bool has_blocks_left() const { return subtasks_dispatched < subtasks(); }
};

/// All tasks of a run. Keeps the memory of earlier runs. Not thread-safe.
class SchedulerTaskModel {
  public:
    static constexpr uint32_t no_task = ~uint32_t{0};
    static constexpr uint64_t invalid_id = ~uint64_t{0};

    void reset(const SchedulerStepSchedule& schedule);

    size_t size() const { return used_; }
    ModelTask& operator[](size_t index) { return tasks_[index]; }
    const ModelTask& operator[](size_t index) const { return tasks_[index]; }
    auto begin() const { return tasks_.begin(); }
    auto end() const { return tasks_.begin() + static_cast<std::ptrdiff_t>(used_); }

    /// The task that an operation submitted, or no_task.
    uint32_t of_operation(uint32_t operation) const {
        return operation < of_operation_.size() ? of_operation_[operation] : no_task;
    }
    /// The task of a token that a submission returned.
    uint32_t of_token(uint64_t token) const;

    // Submission.

    /// The code that a submission returns; 0 if it is accepted or has to wait.
    int32_t submission_code(const SchedulerTask& spec) const;
    /// The id of an accepted submission, or invalid_id if it has to wait for room.
    uint64_t submission_id(const SchedulerTask& spec) const;
    /// Adds the task that the operation submits. There must be room.
    void add(uint32_t operation, const SchedulerTask& spec);
    void begin_scope();
    /// Returns whether a scope was open.
    bool end_scope();

    // Dispatch, completion and release.

    /// What is wrong with a dispatch, as far as the task is concerned; null if nothing is.
    const char* dispatch_fault(const SchedulerEvent& event) const;
    /// Notes a dispatch without fault, in that turn. Returns the number of its subtask in its
    /// block.
    uint32_t note_dispatch(const SchedulerEvent& event, uint32_t turn);
    /// Completes a task; `thread` gets it into its release buffer, which is flushed first if full.
    void complete(uint32_t task, uint32_t thread);
    /// Releases what the thread has in its release buffer.
    void flush(uint32_t thread);

    template <class Predicate>
    bool has_ready(Predicate&& of_kind) const {
        for (const ModelTask& task : *this) {
            if (task.is_ready() && !task.is_completed && of_kind(task)) {
                return true;
            }
        }
        return false;
    }

    uint64_t completed() const { return completed_; }
    uint64_t watermark(size_t ring) const { return rings_[ring].watermark; }
    size_t ring_count() const { return rings_.size(); }
    size_t releases_buffered(size_t thread) const { return releases_[thread].size(); }

    /// Forgets which tasks the last action completed and consumed.
    void begin_action();
    /// What the action completed and consumed, in ascending order.
    const std::vector<uint32_t>& completed_now();
    const std::vector<uint32_t>& consumed_now();

  private:
    struct Ring {
        uint64_t next;
        uint64_t watermark;
        uint64_t next_record;
        std::optional<uint64_t> held_from;
        std::vector<uint32_t> tasks;  ///< by number, from the first on
    };

    struct Scope {
        uint32_t ring;
        size_t first_held;
        std::optional<uint64_t> held_from_before;
    };

    ModelTask& add_fresh();
    Ring& open_ring() { return rings_[scopes_.back().ring]; }
    const Ring& open_ring() const { return rings_[scopes_.back().ring]; }
    uint32_t dependency_count(const SchedulerTask& spec) const;
    bool fits(const Ring& ring, uint64_t first_kept, uint64_t dependencies) const;
    void depend(uint32_t consumer, uint32_t producer);
    void note_full_rings() const;
    /// Gives back one of the task's holds. Returns whether that freed its slot.
    bool give_back(uint32_t task);

    const SchedulerStepSchedule* schedule_ = nullptr;
    std::vector<ModelTask> tasks_;  ///< the first `used_` of them
    size_t used_ = 0;
    std::vector<uint32_t> of_operation_;
    std::vector<Ring> rings_;
    std::vector<Scope> scopes_;
    std::vector<uint32_t> held_;  ///< tasks that open scopes hold
    std::vector<std::vector<uint32_t>> releases_;
    uint64_t completed_ = 0;
    std::vector<uint32_t> completed_now_;
    std::vector<uint32_t> consumed_now_;
};

}  // namespace fuzz
