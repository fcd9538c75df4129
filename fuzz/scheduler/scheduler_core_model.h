// The cores of the scheduler's model: what each runs, what its status word means, and which
// dispatch it can take.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/scheduler/scheduler_step_history.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"

namespace fuzz {

/// A subtask that a core was given.
struct ModelDispatch {
    uint32_t task;
    uint32_t block;
    uint32_t subtask;  ///< counts the cores of a block
};

/// What a status word says: subtasks that ended, in the order in which they are completed.
struct StatusMeaning {
    bool is_news;
    uint32_t ended_count;
    std::array<ModelDispatch, 2> ended;
};

/// All cores of a run. Not thread-safe.
class SchedulerCoreModel {
  public:
    static constexpr uint32_t exit_id = 0x7ffffff0;
    static constexpr uint32_t idle_id = 0x7ffffffd;
    static constexpr uint32_t exited_status = 0xfffffffe;
    static constexpr uint32_t no_cluster = ~uint32_t{0};
    static constexpr uint32_t cores_per_cluster = 3;

    static constexpr uint32_t kind_of(uint32_t core) { return core % cores_per_cluster; }
    static constexpr uint32_t cluster_of(uint32_t core) { return core / cores_per_cluster; }

    void reset(const SchedulerStepSchedule& schedule);

    size_t size() const { return cores_.size(); }
    /// Whether there is such a core, and the thread serves it.
    bool is_own(uint32_t core, uint32_t thread) const {
        return core < cores_.size() && cluster_of(core) % threads_ == thread;
    }
    bool is_idle(uint32_t core) const { return cores_[core].is_idle(); }
    /// Whether a cluster of the thread has room for a block on these cores; `ahead`: on cores that
    /// are busy too, if they can take a task ahead. A block for one vector core takes either.
    bool has_place(uint32_t cores, uint32_t thread, bool ahead) const;

    /// The core itself wrote its status word.
    void set_status(uint32_t core, uint32_t status) { cores_[core].status = status; }

    // Each due core is looked at, or told to exit, once in an action.

    /// Makes the busy cores of the thread due.
    void expect_reads(uint32_t thread);
    /// Makes all cores due.
    void expect_all();
    /// Whether there is such a core, and it is due; it is not due afterwards.
    bool take_due(uint32_t core);
    /// Whether there is such a core, and it says `status`.
    bool says(uint32_t core, uint32_t status) const {
        return core < cores_.size() && cores_[core].status == status;
    }
    /// The first core that is still due.
    std::optional<uint32_t> first_due() const;

    // After a timeout, the cores that are at work and say nothing new have had their time.

    /// Gives those cores up.
    void give_up_silent();
    /// Whether a core is due that was not given up.
    bool is_one_waited_for() const;
    /// Whether such a core has not left.
    bool is_one_to_leave() const;

    /// Reads a status word: what it means for the core, and which subtasks ended.
    StatusMeaning read(uint32_t core, uint32_t status);

    /// What is wrong with a dispatch, as far as the core is concerned; null if nothing is.
    const char* dispatch_fault(uint32_t core, uint32_t id) const;
    void note_dispatch(uint32_t core, uint32_t id, const ModelDispatch& dispatch);

  private:
    static constexpr uint32_t none = 0x7fffffff;

    struct Core {
        uint32_t running;
        uint32_t pending;
        bool is_occupied;
        uint32_t next_id;
        std::array<ModelDispatch, 2> dispatches;
        uint32_t status;  ///< what the core itself wrote last
        bool is_due;
        bool is_given_up;

        bool is_idle() const { return running == none; }
        bool can_take() const { return is_idle() || !is_occupied; }
        bool is_silent() const;
    };

    std::vector<Core> cores_;
    uint32_t threads_ = 1;
};

}  // namespace fuzz
