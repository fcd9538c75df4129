// Job: tasks wait on the list of another tree, several threads poll it behind the gate that a
// scheduler thread has, and an engine raises the counters.
//
// Checked: each task completes and is released once, with its counter raised; no error; nothing is
// left over, and the lock is free.
#include <array>
#include <atomic>
#include <cinttypes>
#include <memory>

#include "foreign/known.h"
#include "foreign/under_test.h"
#include "stress/support/crew.h"
#include "stress/support/job.h"

namespace {

using foreign::Feature;
using foreign::tree;
using stress::Clock;
using stress::Run;
using stress::Verdict;
using stress::Worker;

// As many as may wait at once, so that no drain meets a full list.
constexpr uint32_t tasks_max = 64;
constexpr uint32_t producers = 2;
constexpr uint32_t pollers_max = 4;

class Churn final : public foreign::SchedulerCalls {
  public:
    explicit Churn(Run& run) : run_(run) {
        std::array<uint64_t, tasks_max> tokens{};
        std::array<bool, tasks_max> has_descriptor{};
        for (uint32_t task = 0; task < tasks_max; ++task) {
            tokens[task] = uint64_t{task % 4} << 32 | task;
            has_descriptor[task] = true;
        }
        tokens_ = tokens;
        list_ = foreign::make_wait_list(*this, tasks_max, tokens.data(), has_descriptor.data());
    }

    void round() {
        mailbox_->renew(0);
        list_->renew();
        tasks_ = {};
        left_.store(tasks_max, std::memory_order_relaxed);
        const bool has_engine = !foreign::tolerates("plain-counters");
        if (!has_engine) {
            raise_counters();
        }
        stress::Crew crew(run_);
        crew.add("producer", producers,
                 [this](Worker& worker, uint32_t index) { produce(worker, index); });
        auto random = run_.random(0);
        crew.add("poller", random.between(1, pollers_max),
                 [this](Worker& worker, uint32_t) { poll_until_all_is_complete(worker); });
        if (has_engine) {
            crew.add("engine", 1, [this](Worker& worker, uint32_t) {
                worker.pause();
                raise_counters();
            });
        }
        crew.work_together();
        check();
    }

    void completed(uint32_t task) override {
        if (++tasks_[task].completed != 1) {
            run_.fail(Verdict::completed_twice, "task %" PRIu32 " completed a second time", task);
        }
        if (waits(task) && tasks_[task].data != task + 1) {
            run_.fail(Verdict::completed_early,
                      "task %" PRIu32 " completed, and what its engine wrote is not there", task);
        }
        // Relaxed: it ends loops and orders nothing.
        left_.fetch_sub(1, std::memory_order_relaxed);
    }
    void released(uint32_t task) override { ++tasks_[task].released; }

  private:
    struct Task {
        alignas(8) uint32_t counter = 0;
        uint32_t data = 0;
        // Guarded by the list's lock.
        uint32_t completed = 0;
        uint32_t released = 0;
    };

    static bool waits(uint32_t task) { return tree().has(Feature::poll) && task % 3 != 0; }

    void produce(Worker& worker, uint32_t producer) {
        for (uint32_t task = producer; task < tasks_max; task += producers) {
            worker.pause();
            worker.at("push");
            const auto begin = Clock::now();
            bool pushed = true;
            if (waits(task)) {
                pushed = mailbox_->push_condition(
                    {tokens_[task], reinterpret_cast<uintptr_t>(&tasks_[task].counter), 0, 1, 0, 0,
                     0});
            }
            pushed &= mailbox_->push_normal_done(tokens_[task], list_->slot_address(task));
            if (!pushed) {
                run_.fail(Verdict::refused_with_room,
                          "a push was refused though %" PRIu32 " messages fit", tree().capacity);
            }
            worker.done_since(begin);
        }
    }

    void raise_counters() {
        for (uint32_t task = 0; task < tasks_max; ++task) {
            tasks_[task].data = task + 1;
            // Release: pairs with the acquire load with which the list reads the counter.
            std::atomic_ref<uint32_t>(tasks_[task].counter).store(1, std::memory_order_release);
        }
    }

    void poll_until_all_is_complete(Worker& worker) {
        for (uint32_t attempts = 0; left_.load(std::memory_order_relaxed) != 0; ++attempts) {
            worker.at("poll");
            if (foreign::tolerates("plain-count") || mailbox_->has_pending() ||
                list_->count() > 0) {
                poll();
            }
            worker.back_off(attempts % 64);
        }
    }

    void poll() {
        int32_t error = 0;
        if (tree().has(Feature::poll)) {
            error = list_->poll(*mailbox_, true, {0}, false).error;
        } else if (list_->try_lock()) {
            error = list_->drain(*mailbox_, true, {0}).error;
            list_->unlock();
        }
        if (error != 0) {
            run_.fail(Verdict::wrong_error, "error %" PRId32 " where nothing is wrong", error);
        }
    }

    void check() {
        for (uint32_t task = 0; task < tasks_max; ++task) {
            if (tasks_[task].completed != 1 || tasks_[task].released != 1) {
                run_.fail(Verdict::never_completed,
                          "task %" PRIu32 " completed %" PRIu32 " times and was released %" PRIu32
                          " times",
                          task, tasks_[task].completed, tasks_[task].released);
            }
        }
        if (list_->count() != 0 || mailbox_->has_pending() || !list_->is_lock_free()) {
            run_.fail(Verdict::left_over, "tasks, messages or the lock are left over");
        }
    }

    Run& run_;
    std::array<uint64_t, tasks_max> tokens_{};
    std::unique_ptr<foreign::Mailbox> mailbox_ = foreign::make_mailbox();
    std::unique_ptr<foreign::WaitList> list_;
    std::array<Task, tasks_max> tasks_{};
    std::atomic<uint32_t> left_{0};
};

}  // namespace

STRESS_JOB(wait_list_churn, {.operation = "a task pushed; latency of its pushes", .states = {}}) {
    const auto churn = std::make_unique<Churn>(run);
    while (run.next_round()) {
        churn->round();
    }
}
