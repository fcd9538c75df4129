// What became of each task of a history of real threads: which call pushed it, and which popped it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/ready_queue/ready_queue_threads_history.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {

/// What became of a task that a push took.
struct Fate {
    const ReadyThreadsEvent* push;
    const ReadyThreadsEvent* pop;  ///< null until it came out
    uint32_t pusher;               ///< threads
    uint32_t popper;
};

/// A push that took something, or a pop that got something.
struct Transfer {
    const ReadyThreadsEvent* event;
    uint32_t thread;
    uint64_t last_out;  ///< of a push: when the last pop of its tasks began
};

/// The fates of all tasks. Keeps its memory from schedule to schedule. Not thread-safe.
class ReadyQueueFates {
  public:
    void clear(const ReadyQueueThreadsSchedule& schedule) {
        poppers_ = schedule.poppers;
        pushers_ = schedule.pushers;
        for (std::vector<Fate>& fates : fates_) {
            fates.clear();
        }
        pushes_.clear();
        pops_.clear();
    }

    /// Adds a push that took tasks; the pushes of a thread in its own order.
    void add_push(uint32_t thread, const ReadyThreadsEvent& push) {
        std::vector<Fate>& fates = fates_[thread - poppers_];
        fates.insert(fates.end(), push.result, {&push, nullptr, thread, 0});
        pushes_.push_back({&push, thread, 0});
    }
    void add_pop(uint32_t thread, const ReadyThreadsEvent& pop) {
        pops_.push_back({&pop, thread, 0});
    }

    /// The fate of task `number`; null if no push took it.
    Fate* of_task(uint32_t number) {
        if (number == no_ready_task || ready_task_pusher(number) >= pushers_) {
            return nullptr;
        }
        const uint32_t pusher = ready_task_pusher(number);
        const uint32_t index = number - ready_task_number(pusher, 0);
        std::vector<Fate>& fates = fates_[pusher];
        return index < fates.size() ? &fates[index] : nullptr;
    }

    /// One pusher's tasks, in its order.
    const std::vector<Fate>& of_pusher(uint32_t pusher) const { return fates_[pusher]; }

    template <class Use>
    void for_each(Use&& use) const {
        for (uint32_t pusher = 0; pusher < pushers_; ++pusher) {
            for (const Fate& fate : fates_[pusher]) {
                use(fate);
            }
        }
    }

    // Places of a task in its batch push.

    bool is_first(const Fate& fate) const {
        return &fate == &siblings(fate).front() || (&fate - 1)->push != fate.push;
    }
    bool is_last(const Fate& fate) const {
        return &fate == &siblings(fate).back() || (&fate + 1)->push != fate.push;
    }
    /// Whether the second can be the next task of a pop after the first: batch pushes stay in one
    /// piece.
    bool may_follow(const Fate& first, const Fate& second) const {
        const bool is_next = &first + 1 == &second && first.push == second.push;
        return is_next || (is_last(first) && is_first(second));
    }

    /// All pushes, in the order of add_push() until a caller sorts them; likewise pops().
    std::vector<Transfer>& pushes() { return pushes_; }
    std::vector<Transfer>& pops() { return pops_; }

  private:
    const std::vector<Fate>& siblings(const Fate& fate) const {
        return fates_[fate.pusher - poppers_];
    }

    uint32_t poppers_ = 0;
    uint32_t pushers_ = 0;
    std::array<std::vector<Fate>, ready_pushers_max> fates_;
    std::vector<Transfer> pushes_;
    std::vector<Transfer> pops_;
};

}  // namespace fuzz
