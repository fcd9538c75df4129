// Job: threads finish subtasks and push their conditions, engines make the conditions hold sooner
// or later, and several threads poll, on both platforms and with rings that are often full.
//
// Checked: each task completes once, after all its subtasks and all its conditions, and is released
// once; records stay as their engines left them; no error; nothing is left at the end.
#include <algorithm>
#include <array>
#include <atomic>
#include <cinttypes>
#include <memory>
#include <utility>
#include <vector>

#include "src/platforms.h"
#include "stress/support/crew.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"
#include "stress/support/waiting_tasks.h"

namespace {

using stress::Clock;
using stress::EngineWork;
using stress::Run;
using stress::Verdict;
using stress::Worker;

constexpr uint32_t tasks_per_round = 300;
constexpr uint32_t conditions_max = 8;
constexpr uint32_t subtasks_max = 4;
constexpr uint32_t release_capacity_max = 16;
// More tasks at once would be an error: the contract's limit, not the code's.
constexpr uint32_t tasks_at_once_max = 64;
constexpr std::chrono::seconds completion_wait_max{15};

enum State : uint32_t { full_ring, held_beforehand, without_conditions, several_subtasks };

template <class Platform>
class Churn {
  public:
    using Shared = stress::WaitListShared<Platform>;
    using Task = stress::WaitingTask<Platform>;
    using Slot = pto::PTO2TaskSlotState<Platform>;

    Churn(Run& run, Shared& shared)
        : run_(run),
          list_(shared.list),
          mailbox_(shared.mailbox),
          shared_(shared),
          tasks_(prepare(run, shared.tasks)),
          scheduler_(run, tasks_) {
        auto random = run.random(0);
        fin_threads_ = random.between(1, 4);
        engines_ = random.between(1, 3);
        pollers_ = random.between(1, 3);
        tasks_at_once_ =
            random.one_in(2) ? tasks_at_once_max : random.between(1, tasks_at_once_max);
        threads_left_ = fin_threads_ + engines_;
    }

    void run() {
        stress::Crew crew(run_);
        crew.add("FIN thread", fin_threads_, [this](Worker& worker, uint32_t) { finish(worker); });
        crew.add("engine", engines_,
                 [this](Worker& worker, uint32_t index) { work(worker, index); });
        crew.add("poller", pollers_, [this](Worker& worker, uint32_t) { poll(worker); });
        crew.work_together();
        poll_once_more();
        scheduler_.finish();
        stress::expect_empty(run_, shared_);
        if (completed_.load() != tasks_.size()) {
            run_.fail(Verdict::never_completed,
                      "polls returned %" PRIu32 " completed tasks in all, of %zu",
                      completed_.load(), tasks_.size());
        }
    }

  private:
    /// A thread's tasks that are completed and not yet released.
    struct Releases {
        std::array<Slot*, release_capacity_max> slots;
        int32_t count = 0;
        int32_t capacity = 0;
    };

    static std::vector<Task>& prepare(Run& run, std::vector<Task>& tasks) {
        auto random = run.random(1000);
        if (tasks.empty()) {
            tasks = std::vector<Task>(tasks_per_round);
        }
        for (uint32_t i = 0; i < tasks.size(); ++i) {
            const uint32_t conditions = random.one_in(4) ? 0 : random.between(1, conditions_max);
            tasks[i].begin(i, random.between(1, subtasks_max), conditions);
            for (EngineWork& work : tasks[i].work) {
                work.expected = random.between(1, 3);
                work.has_record = random.one_in(2);
            }
        }
        return tasks;
    }

    // ----- FIN threads -------------------------------------------------------------------------

    /// Takes subtasks in the tasks' order, so that no thread waits for the oldest open task while
    /// it should finish it.
    void finish(Worker& worker) {
        Releases releases = begin_releases(worker);
        for (;;) {
            // Relaxed: the thread that gets a subtask owns it; nothing is handed over.
            const uint32_t position = next_subtask_.fetch_add(1, std::memory_order_relaxed);
            const uint32_t index = position / subtasks_max;
            const uint32_t subtask = position % subtasks_max;
            if (index >= tasks_.size()) {
                break;
            }
            if (subtask < tasks_[index].subtasks()) {
                await_room(worker, index);
                worker.pause();
                finish_subtask(worker, releases, tasks_[index], subtask);
            }
        }
        flush(releases);
        leave();
    }

    void await_room(Worker& worker, uint32_t index) {
        const auto begin = Clock::now();
        worker.wait_for("waiting until fewer tasks are open", [&] {
            if (Clock::now() - begin > completion_wait_max) {
                run_.fail(Verdict::never_completed,
                          "none of the %" PRIu32 " tasks before task %" PRIu32
                          " has completed for %lld s",
                          index - scheduler_.completed(), index,
                          static_cast<long long>(completion_wait_max.count()));
            }
            return index < scheduler_.completed() + tasks_at_once_;
        });
        uint32_t started = started_.load(std::memory_order_relaxed);
        // Relaxed: it paces the engines and orders nothing.
        while (started <= index &&
               !started_.compare_exchange_weak(started, index + 1, std::memory_order_relaxed)) {
        }
    }

    void finish_subtask(Worker& worker, Releases& releases, Task& task, uint32_t subtask) {
        if (task.work.empty()) {
            worker.reached(without_conditions);
        }
        if (task.subtasks() > 1) {
            worker.reached(several_subtasks);
        }
        // A thread that meets a full ring becomes the consumer and tries again.
        stress::finish_subtask(worker, mailbox_, task, subtask, [&] {
            list_.mpsc_skipped_count.fetch_add(1, std::memory_order_relaxed);
            worker.reached(full_ring);
            poll_once(worker, releases);
            return true;
        });
    }

    // ----- engines -----------------------------------------------------------------------------

    /// Some conditions hold before their task is registered, some much later.
    void work(Worker& worker, uint32_t engine) {
        for (uint32_t index = engine; index < tasks_.size(); index += engines_) {
            const uint32_t ahead = worker.random().below(4);
            worker.wait_for("waiting for a task to start", [&] {
                return index < started_.load(std::memory_order_relaxed) + ahead;
            });
            if (index >= started_.load(std::memory_order_relaxed)) {
                worker.reached(held_beforehand);
            }
            worker.at("finishing a task's transfers");
            for (EngineWork& work : tasks_[index].work) {
                worker.pause();
                work.finish([&] { worker.pause(); });
            }
        }
        leave();
    }

    void leave() {
        // Release: pairs with the acquire load in poll(); a reader that sees it sees the last
        // message and the last counter.
        threads_left_.fetch_sub(1, std::memory_order_release);
    }

    // ----- pollers -----------------------------------------------------------------------------

    void poll(Worker& worker) {
        Releases releases = begin_releases(worker);
        for (uint32_t idle = 0;;) {
            // Acquire: pairs with the release decrement in leave().
            const bool are_all_gone = threads_left_.load(std::memory_order_acquire) == 0;
            worker.at("the gate of a poll");
            const int32_t waiting = list_.count.load(std::memory_order_relaxed);
            if (waiting < 0 || static_cast<uint32_t>(waiting) > tasks_at_once_) {
                run_.fail(Verdict::overfull,
                          "%" PRId32 " tasks wait, of at most %" PRIu32 " that were begun", waiting,
                          tasks_at_once_);
            }
            worker.saw_backlog(static_cast<uint64_t>(waiting));
            if (waiting > 0 || mailbox_.has_pending()) {
                idle = poll_once(worker, releases) ? 0 : idle + 1;
            } else {
                ++idle;
                flush(releases);
            }
            if (are_all_gone && idle != 0) {
                flush(releases);
                return;
            }
            worker.back_off(idle);
        }
    }

    bool poll_once(Worker& worker, Releases& releases) {
        stress::CheckingScheduler<Platform>::poller() = &worker;
        worker.at("poll_and_complete");
        Slot** const buffer = releases.capacity == 0 ? nullptr : releases.slots.data();
        const auto result = list_.template poll_and_complete<true>(
            &mailbox_, &scheduler_, nullptr, buffer, releases.count, releases.capacity);
        if (result.error_code != 0) {
            run_.fail(Verdict::wrong_error,
                      "a poll reported error %" PRId32 ", with no mistake in what was pushed",
                      result.error_code);
        }
        completed_.fetch_add(static_cast<uint32_t>(result.completed), std::memory_order_relaxed);
        return result.completed != 0;
    }

    /// Everything is pushed and every condition holds: one poll takes what is in the ring, and
    /// completes all that waits.
    void poll_once_more() {
        Releases releases;
        poll_once(run_.own(), releases);
        run_.own().end();
    }

    Releases begin_releases(Worker& worker) {
        Releases releases;
        releases.capacity = worker.random().template one_of<int32_t>({0, 1, release_capacity_max});
        return releases;
    }

    void flush(Releases& releases) {
        for (int32_t i = 0; i < releases.count; ++i) {
            scheduler_.on_task_release(*releases.slots[static_cast<size_t>(i)]);
        }
        releases.count = 0;
    }

    Run& run_;
    pto::AsyncWaitList<Platform>& list_;
    typename pto::AsyncWaitList<Platform>::Mailbox& mailbox_;
    Shared& shared_;
    std::vector<Task>& tasks_;
    stress::CheckingScheduler<Platform> scheduler_;
    uint32_t fin_threads_ = 0;
    uint32_t engines_ = 0;
    uint32_t pollers_ = 0;
    uint32_t tasks_at_once_ = 0;
    std::atomic<uint32_t> next_subtask_{0};
    std::atomic<uint32_t> started_{0};
    std::atomic<uint32_t> completed_{0};
    std::atomic<uint32_t> threads_left_{0};
};

template <class Platform>
class WaitListChurn {
  public:
    void round(Run& run) {
        auto random = run.random(1001);
        shared_->list.reset_for_reuse();
        shared_->mailbox.reset(random.next());
        Churn<Platform>(run, *shared_).run();
    }

  private:
    const std::unique_ptr<stress::WaitListShared<Platform>> shared_ =
        std::make_unique<stress::WaitListShared<Platform>>();
};

template <class Platform>
using SmallWaitListChurn = WaitListChurn<stress::WithRingOf<Platform, 4>>;

}  // namespace

STRESS_JOB(wait_list_churn,
           {.operation = "a task completed; latency from its NORMAL_DONE to its completion",
            .states = {"full ring", "condition held before its task began",
                       "task without conditions", "task of several subtasks"}}) {
    pto::PerPlatform<SmallWaitListChurn> small;
    pto::PerPlatform<WaitListChurn> shipped;
    while (run.next_round()) {
        const uint64_t index = run.round() / 2 % pto::platform_count;
        const auto round = [&run](auto& subject) { subject.round(run); };
        if (run.round() % 2 == 0) {
            small.at(index, round);
        } else {
            shipped.at(index, round);
        }
    }
}
