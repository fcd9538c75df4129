// Job: tasks with 1, 63 and 64 conditions, pushed by several threads at once; then one condition,
// or one waiting task, more than the limit.
//
// Checked: 64 conditions complete like one; an entry never holds more than 64, the list never more
// than 64 entries; the 65th condition of a task gives 103 and the 65th waiting task 102, and
// nothing else does; after an error nothing is drained or completed, though everything could be;
// after the reset everything works again.
#include <atomic>
#include <cinttypes>
#include <memory>
#include <vector>

#include "src/a2a3/platform.h"
#include "src/a5/platform.h"
#include "stress/support/crew.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"
#include "stress/support/waiting_tasks.h"

namespace {

using stress::EngineWork;
using stress::Run;
using stress::Verdict;
using stress::Worker;

// The contract's numbers, not the code's.
constexpr int32_t conditions_max = 64;
constexpr int32_t waiting_max = 64;
constexpr int32_t too_many_tasks = 102;
constexpr int32_t too_many_conditions = 103;

constexpr uint32_t fitting_tasks = 12;
constexpr uint32_t bystanders_max = 8;
constexpr uint32_t subtasks_max = 4;
constexpr uint32_t fin_threads = 3;
constexpr uint32_t pollers = 2;
constexpr uint32_t polls_after_error = 20;

/// What a round has one too many of.
enum class Excess : uint32_t { none, condition, task };

constexpr int32_t error_of(Excess excess) {
    switch (excess) {
        case Excess::none:
            return 0;
        case Excess::condition:
            return too_many_conditions;
        case Excess::task:
            return too_many_tasks;
    }
    return 0;
}

enum State : uint32_t { error_102, error_103, polled_after_error, full_ring };

template <class Platform>
class Limit {
  public:
    using Shared = stress::WaitListShared<Platform>;
    using Task = stress::WaitingTask<Platform>;
    using List = pto::AsyncWaitList<Platform>;

    /// The list is empty and without error, the mailbox empty.
    Limit(Run& run, Shared& shared, Excess excess)
        : run_(run),
          shared_(shared),
          list_(shared.list),
          mailbox_(shared.mailbox),
          excess_(excess),
          first_ticket_(mailbox_.tail.load(std::memory_order_relaxed)),
          scheduler_(run, shared.tasks) {
        prepare_tasks();
    }

    void run() {
        stress::Crew crew(run_);
        crew.add("FIN thread", fin_threads, [this](Worker& worker, uint32_t) { finish(worker); });
        crew.add("engine", 1, [this](Worker& worker, uint32_t) { work(worker); });
        crew.add("poller", pollers, [this](Worker& worker, uint32_t) { poll(worker); });
        crew.work_together();
        if (excess_ == Excess::none) {
            poll_once(run_.own());
            scheduler_.finish();
            stress::expect_empty(run_, shared_);
        } else {
            check_error(run_.own());
        }
        run_.own().end();
    }

  private:
    // ----- the round's tasks -------------------------------------------------------------------

    void prepare_tasks() {
        auto random = run_.random(0);
        const uint32_t count = excess_ == Excess::none   ? fitting_tasks
                               : excess_ == Excess::task ? waiting_max + 1
                                                         : random.between(1, bystanders_max + 1);
        culprit_ = random.below(count);
        works_early_ = excess_ == Excess::none || random.one_in(2);
        shared_.tasks = std::vector<Task>(count);
        for (uint32_t i = 0; i < count; ++i) {
            shared_.tasks[i].begin(i, random.between(1, subtasks_max), conditions_of(i, random));
            for (EngineWork& work : shared_.tasks[i].work) {
                work.has_record = random.one_in(4);
            }
        }
    }

    uint32_t conditions_of(uint32_t index, stress::Random& random) const {
        if (excess_ == Excess::task) {
            return random.between(1, 3);
        }
        if (excess_ == Excess::condition && index == culprit_) {
            return conditions_max + 1;
        }
        return random.one_of<uint32_t>({1, conditions_max - 1, conditions_max});
    }

    // ----- FIN threads -------------------------------------------------------------------------

    void finish(Worker& worker) {
        for (bool goes_on = true; goes_on;) {
            // Relaxed: the thread that gets a subtask owns it; nothing is handed over.
            const uint32_t position = next_subtask_.fetch_add(1, std::memory_order_relaxed);
            const uint32_t index = position / subtasks_max;
            const uint32_t subtask = position % subtasks_max;
            if (index >= shared_.tasks.size()) {
                break;
            }
            if (subtask < shared_.tasks[index].subtasks()) {
                worker.pause();
                goes_on = stress::finish_subtask(worker, mailbox_, shared_.tasks[index], subtask,
                                                 [&] { return poll_unless_error(worker); });
            }
        }
        // Release: pairs with the acquire load in poll(); a reader that sees it sees the last
        // message.
        fin_threads_left_.fetch_sub(1, std::memory_order_release);
    }

    bool poll_unless_error(Worker& worker) {
        worker.reached(full_ring);
        poll_once(worker);
        return !has_error();
    }

    bool has_error() const { return list_.error_code.load(std::memory_order_relaxed) != 0; }

    // ----- the engine --------------------------------------------------------------------------

    /// In a round that ends in an error no condition holds before the error, except those of the
    /// task that has one condition too many, which must not complete either.
    void work(Worker& worker) {
        if (works_early_ && excess_ == Excess::condition) {
            finish_transfers(worker, shared_.tasks[culprit_]);
        }
        if (excess_ != Excess::none) {
            worker.wait_for("waiting for the error", [this] {
                return has_error() || pollers_left_.load(std::memory_order_relaxed) == 0;
            });
        }
        for (Task& task : shared_.tasks) {
            if (!(works_early_ && excess_ == Excess::condition && task.index() == culprit_)) {
                finish_transfers(worker, task);
            }
        }
    }

    void finish_transfers(Worker& worker, Task& task) {
        worker.at("finishing a task's transfers");
        for (EngineWork& work : task.work) {
            work.finish([&] { worker.pause(); });
        }
    }

    // ----- pollers -----------------------------------------------------------------------------

    void poll(Worker& worker) {
        uint32_t polls_left = polls_after_error;
        for (uint32_t idle = 0; polls_left != 0;) {
            // Acquire: pairs with the release decrement in finish().
            const bool are_all_pushed = fin_threads_left_.load(std::memory_order_acquire) == 0;
            const bool had_error = has_error();
            idle = poll_once(worker) ? 0 : idle + 1;
            inspect(worker);
            if (had_error || (are_all_pushed && !mailbox_.has_pending())) {
                --polls_left;
            }
            worker.back_off(idle);
        }
        pollers_left_.fetch_sub(1, std::memory_order_relaxed);
    }

    bool poll_once(Worker& worker) {
        stress::CheckingScheduler<Platform>::poller() = &worker;
        worker.at("poll_and_complete");
        const bool had_error = has_error();
        int32_t unused_count = 0;
        const auto result = list_.template poll_and_complete<false>(&mailbox_, &scheduler_, nullptr,
                                                                    nullptr, unused_count, 0);
        if (result.error_code != 0 && result.error_code != error_of(excess_)) {
            run_.fail(Verdict::wrong_error, "a poll reported error %" PRId32 ", expected %" PRId32,
                      result.error_code, error_of(excess_));
        }
        if (had_error) {
            worker.reached(polled_after_error);
        }
        if (result.completed != 0 && excess_ != Excess::none) {
            fail_completion(result.completed, had_error);
        }
        return result.completed != 0;
    }

    /// In a round that ends in an error only the culprit's conditions may hold before it.
    void fail_completion(int32_t completed, bool had_error) {
        if (had_error) {
            run_.fail(Verdict::went_on_after_error, "%" PRId32 " tasks completed after an error",
                      completed);
        }
        if (excess_ == Excess::condition && works_early_) {
            run_.fail(Verdict::overfull, "a task of %" PRId32 " conditions completed",
                      conditions_max + 1);
        }
        run_.fail(Verdict::completed_early,
                  "%" PRId32 " tasks completed before their conditions held", completed);
    }

    /// Inspects everything under the lock, if it is free.
    void inspect(Worker& worker) {
        worker.at("inspecting the entries");
        if (list_.try_lock()) {
            check_bounds(worker);
            list_.unlock();
        }
    }

    void check_bounds(Worker& worker) {
        const int32_t waiting = list_.count.load(std::memory_order_relaxed);
        if (waiting < 0 || waiting > waiting_max) {
            run_.fail(Verdict::overfull, "%" PRId32 " tasks wait", waiting);
        }
        worker.saw_backlog(static_cast<uint64_t>(waiting));
        for (int32_t i = 0; i < waiting; ++i) {
            if (list_.entries[i].condition_count > conditions_max) {
                run_.fail(Verdict::overfull, "entry %" PRId32 " holds %" PRId32 " conditions", i,
                          list_.entries[i].condition_count);
            }
        }
    }

    // ----- after a round that had to end in an error -------------------------------------------

    void check_error(Worker& worker) {
        const int32_t error = list_.error_code.load(std::memory_order_relaxed);
        if (error != error_of(excess_)) {
            run_.fail(Verdict::wrong_error, "%s gave error %" PRId32 ", expected %" PRId32,
                      excess_ == Excess::task ? "the 65th waiting task" : "a task's 65th condition",
                      error, error_of(excess_));
        }
        worker.reached(excess_ == Excess::task ? error_102 : error_103);
        check_nothing_moves(worker);
        check_bounds(worker);
        check_contents();
        worker.done();
    }

    /// Every condition holds by now, and messages may be left: a poll must not touch them.
    void check_nothing_moves(Worker& worker) {
        const uint64_t tail = mailbox_.tail.load(std::memory_order_relaxed);
        const int32_t waiting = list_.count.load(std::memory_order_relaxed);
        poll_once(worker);
        if (mailbox_.tail.load(std::memory_order_relaxed) != tail ||
            list_.count.load(std::memory_order_relaxed) != waiting) {
            run_.fail(Verdict::went_on_after_error,
                      "a poll after error %" PRId32 " took messages or tasks", error_of(excess_));
        }
        if (list_.busy.load(std::memory_order_relaxed) != 0) {
            run_.fail(Verdict::left_over, "the lock is held when all threads have ended");
        }
    }

    /// The list holds what was taken from the mailbox, except the one message that was too many.
    void check_contents() {
        const int32_t waiting = list_.count.load(std::memory_order_relaxed);
        uint64_t held = 0;
        for (int32_t i = 0; i < waiting; ++i) {
            const auto& entry = list_.entries[i];
            held += static_cast<uint64_t>(entry.condition_count) + (entry.normal_done ? 1 : 0);
        }
        const uint64_t taken = mailbox_.tail.load(std::memory_order_relaxed) - first_ticket_;
        if (taken != held + 1) {
            run_.fail(Verdict::lost,
                      "%" PRIu64
                      " messages were taken up to the error, and the "
                      "list holds %" PRIu64,
                      taken, held);
        }
        if (excess_ == Excess::task) {
            expect_full("the list", waiting, waiting_max);
        } else {
            const auto* const entry = list_.find_entry_by_token(shared_.tasks[culprit_].token());
            expect_full("the task", entry == nullptr ? 0 : entry->condition_count, conditions_max);
        }
    }

    void expect_full(const char* what, int32_t count, int32_t expected) {
        if (count != expected) {
            run_.fail(Verdict::wrong_error,
                      "%s held %" PRId32 " when one more raised error %" PRId32, what, count,
                      error_of(excess_));
        }
    }

    Run& run_;
    Shared& shared_;
    List& list_;
    typename List::Mailbox& mailbox_;
    const Excess excess_;
    const uint64_t first_ticket_;
    stress::CheckingScheduler<Platform> scheduler_;
    uint32_t culprit_ = 0;
    bool works_early_ = false;
    std::atomic<uint32_t> next_subtask_{0};
    std::atomic<uint32_t> fin_threads_left_{fin_threads};
    std::atomic<uint32_t> pollers_left_{pollers};
};

template <class Platform>
class Subject {
  public:
    /// What the last round left is dropped, as between two runs.
    void round(Run& run, Excess excess) {
        auto random = run.random(1000);
        shared_->list.reset_for_reuse();
        if (random.one_in(2)) {
            shared_->mailbox.restart();
        } else {
            shared_->mailbox.reset(random.next());
        }
        Limit<Platform>(run, *shared_, excess).run();
    }

  private:
    const std::unique_ptr<stress::WaitListShared<Platform>> shared_ =
        std::make_unique<stress::WaitListShared<Platform>>();
};

}  // namespace

STRESS_JOB(condition_limit,
           {.operation = "a task completed, or an error raised; latency from its NORMAL_DONE",
            .states = {"error 102", "error 103", "poll after an error", "full ring"}}) {
    Subject<stress::WithRingOf<pto::a2a3::Platform, 16>> small;
    Subject<pto::a5::Platform> shipped;
    while (run.next_round()) {
        const auto excess =
            run.random(1001).one_of({Excess::none, Excess::condition, Excess::task});
        if (run.round() % 2 == 0) {
            small.round(run, excess);
        } else {
            shipped.round(run, excess);
        }
    }
}
