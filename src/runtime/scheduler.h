// The scheduler: one object that owns a run's tasks, queues, mailbox and wait list. One submitting
// thread and a few scheduler threads work on it.
//
// The parts are in files of their own, see docs/scheduler.md; this file puts them together and
// decides when a run is over and whether it ended well.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "mailbox.h"
#include "pto_assert.h"
#include "run_state.h"
#include "scheduler_completion.h"
#include "scheduler_dispatch.h"
#include "scheduler_thread.h"
#include "task_ring.h"
#include "task_submission.h"
#include "wait_list.h"

namespace pto {

/// The sizes of a scheduler.
struct SchedulerConfig {
    uint32_t thread_count = 1;
    uint32_t ring_count = MAX_RING_DEPTH;
    /// Tasks that a ring holds at once; a power of two.
    uint32_t window = TASK_WINDOW_SIZE;
    /// Dependencies that the tasks of a ring may have together; a power of two.
    uint32_t dependency_capacity = 4 * TASK_WINDOW_SIZE;
    /// Slots of each ready queue; a power of two, at least window * ring_count.
    uint64_t ready_queue_capacity = READY_QUEUE_SIZE;
    /// Dummies that one turn of the loop completes.
    uint32_t dummy_batch = DUMMY_BATCH_SIZE;
    /// The longest time that a run with work to do may make no progress, in nanoseconds.
    uint64_t watchdog_limit_ns = 10'000'000'000;
};

/// Runs task graphs on the cores behind a CoreInterface.
///
/// One thread calls submission()'s functions, and each of `thread_count` threads calls run_thread()
/// with its own number, all at the same time. When all have returned, finish_run() gives the
/// status; reset_for_reuse() prepares the next run. `Completion` is what handles finished subtasks;
/// it is a parameter because the scheduler does not depend on how conditions are registered.
template <class Platform, class Completion = SchedulerCompletion<Platform>>
class Scheduler {
  public:
    using Mailbox = AICoreCompletionMailbox<Platform::mailbox_capacity>;
    using WaitList = AsyncWaitList<Platform>;
    using Ring = TaskRing<Platform>;
    using Thread = SchedulerThread<Platform>;
    using Submission = TaskSubmission<Platform, Completion>;

    static constexpr uint32_t cluster_count_max = 64;
    static constexpr uint32_t ring_count_max = 256;

    /// `cores` has to outlive the scheduler. Throws std::invalid_argument, which names the field,
    /// its value and the allowed range, for sizes that are not powers of two where they have to be,
    /// for no thread, no ring or more than 256, for no cluster or more than 64, for a dummy batch
    /// of 0, and for ready queues without room for every task that can be ready.
    Scheduler(CoreInterface& cores, const SchedulerConfig& config)
        : queues_(checked_capacity(cores, config), run_),
          mailbox_(std::make_unique<Mailbox>()),
          wait_list_(std::make_unique<WaitList>()),
          rings_(make_rings(config)),
          threads_(make_threads(config)),
          parts_{cores, run_, rings_, threads_, queues_, *wait_list_, mailbox_.get()},
          completion_(parts_),
          submission_(parts_, completion_),
          dispatch_(parts_, completion_, config.dummy_batch) {}

    Submission& submission() noexcept { return submission_; }
    RunState& run() noexcept { return run_; }
    Mailbox& mailbox() noexcept { return *mailbox_; }
    WaitList& wait_list() noexcept { return *wait_list_; }
    Completion& completion() noexcept { return completion_; }
    Ring& ring(uint32_t index) noexcept {
        PTO_ASSERT(index < rings_.size(), index, rings_.size());
        return *rings_[index];
    }
    uint32_t ring_count() const noexcept { return static_cast<uint32_t>(rings_.size()); }
    Thread& thread(uint32_t index) noexcept {
        PTO_ASSERT(index < threads_.size(), index, threads_.size());
        return *threads_[index];
    }
    uint32_t thread_count() const noexcept { return static_cast<uint32_t>(threads_.size()); }
    ReadyQueues<Platform>& queues() noexcept { return queues_; }

    /// The parts of the loop, for a caller that orders the turns of several threads itself.
    SchedulerDispatch<Platform, Completion>& dispatch() noexcept { return dispatch_; }

    /// Is every task submitted and completed? Any thread.
    bool is_finished() const noexcept { return dispatch_.is_finished(); }

    /// Changes the longest time without progress. Quiescent only.
    void set_watchdog_limit(uint64_t limit_ns) noexcept {
        for (const auto& thread : threads_) {
            thread->watchdog = Watchdog(limit_ns);
        }
    }

    /// What scheduler thread `index` does, until the run ends.
    void run_thread(uint32_t index) noexcept { dispatch_.run(thread(index)); }

    /// Once every thread has left the loop: the run's status, 0 or minus the code of its first
    /// error. What is left in the mailbox or the wait list after the last task has completed is an
    /// error too, PTO2_ERROR_ASYNC_REGISTRATION_FAILED.
    int32_t finish_run() noexcept {
        completion_.check_error();
        if (!run_.is_stopped() && has_conditions_left()) {
            run_.latch_error(PTO2_ERROR_ASYNC_REGISTRATION_FAILED);
        }
        return run_.status();
    }

    /// What holds the run up: see SchedulerDispatch::diagnose(). For a thread that sees no
    /// progress, or when all have left.
    Diagnosis diagnose() const { return dispatch_.diagnose(); }

    /// What held up the run that ended with PTO2_ERROR_SCHEDULER_TIMEOUT; null for any other.
    /// Quiescent only.
    const Diagnosis* diagnosis() const noexcept { return dispatch_.diagnosis(); }

    /// Is nothing left of the run: mailbox, wait list, queues and release buffers empty, the wait
    /// list's lock free, every task consumed, every watermark at its end? Quiescent only.
    bool is_clean() noexcept {
        bool clean = !has_conditions_left() && is_unlocked();
        for (const auto& ring : rings_) {
            clean = clean && ring->is_all_consumed();
        }
        for (const auto& thread : threads_) {
            clean = clean && thread->release_count == 0;
        }
        return clean && queues_.is_empty();
    }

    /// Forgets the run, however it ended; the next task of every ring is number `first_task`.
    /// Quiescent only: all threads have returned, and no core is at work.
    void reset_for_reuse(uint64_t first_task = 0) {
        run_.reset();
        queues_.drop_all();
        mailbox_->restart();
        wait_list_->reset_for_reuse();
        for (const auto& ring : rings_) {
            ring->reset(first_task);
        }
        for (const auto& thread : threads_) {
            thread->reset();
        }
        submission_.reset();
        dispatch_.reset();
    }

  private:
    /// The capacity of the ready queues, after checking all sizes.
    static uint64_t checked_capacity(const CoreInterface& cores, const SchedulerConfig& config) {
        const uint64_t tasks = uint64_t{config.window} * config.ring_count;
        check_range("thread_count", config.thread_count, 1, ~uint32_t{0});
        check_range("ring_count", config.ring_count, 1, ring_count_max);
        check_power_of_two("window", config.window, 1, power_of_two_max<uint32_t>);
        check_power_of_two("dependency_capacity", config.dependency_capacity, 1,
                           power_of_two_max<uint32_t>);
        check_range("dummy_batch", config.dummy_batch, 1, ~uint32_t{0});
        check_range("cluster_count", cores.cluster_count(), 1, cluster_count_max);
        // At least window * ring_count.
        check_power_of_two("ready_queue_capacity", config.ready_queue_capacity, tasks,
                           power_of_two_max<uint64_t>);
        return config.ready_queue_capacity;
    }

    static void check_range(const char* name, uint64_t value, uint64_t min, uint64_t max) {
        if (value < min || value > max) {
            throw std::invalid_argument("scheduler: " + std::string(name) + " " +
                                        std::to_string(value) + ": must be " + std::to_string(min) +
                                        " to " + std::to_string(max));
        }
    }

    template <class Number>
    static constexpr uint64_t power_of_two_max = std::bit_floor(std::numeric_limits<Number>::max());

    /// `max` is for people: no value of the field's type is a larger power of two.
    static void check_power_of_two(const char* name, uint64_t value, uint64_t min, uint64_t max) {
        if (!std::has_single_bit(value) || value < min) {
            throw std::invalid_argument("scheduler: " + std::string(name) + " " +
                                        std::to_string(value) + ": must be a power of two, " +
                                        std::to_string(min) + " to " + std::to_string(max));
        }
    }

    static std::vector<std::unique_ptr<Ring>> make_rings(const SchedulerConfig& config) {
        std::vector<std::unique_ptr<Ring>> rings;
        for (uint32_t i = 0; i < config.ring_count; ++i) {
            rings.push_back(std::make_unique<Ring>(static_cast<uint8_t>(i), config.window,
                                                   config.dependency_capacity));
        }
        return rings;
    }

    static std::vector<std::unique_ptr<Thread>> make_threads(const SchedulerConfig& config) {
        std::vector<std::unique_ptr<Thread>> threads;
        for (uint32_t i = 0; i < config.thread_count; ++i) {
            threads.push_back(std::make_unique<Thread>(i, config.watchdog_limit_ns));
        }
        return threads;
    }

    bool has_conditions_left() const noexcept { return completion_.has_conditions(); }

    bool is_unlocked() const noexcept {
        // Relaxed: quiescence orders it.
        return wait_list_->busy.load(std::memory_order_relaxed) == 0;
    }

    RunState run_;
    ReadyQueues<Platform> queues_;
    const std::unique_ptr<Mailbox> mailbox_;
    const std::unique_ptr<WaitList> wait_list_;
    std::vector<std::unique_ptr<Ring>> rings_;
    std::vector<std::unique_ptr<Thread>> threads_;
    const SchedulerParts<Platform> parts_;
    Completion completion_;
    TaskSubmission<Platform, Completion> submission_;
    SchedulerDispatch<Platform, Completion> dispatch_;
};

}  // namespace pto
