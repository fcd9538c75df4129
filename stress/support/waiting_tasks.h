// Tasks that wait for conditions, the engines' side of these conditions, and a scheduler that
// checks every completion it is asked for.
#pragma once

#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/runtime/wait_list.h"
#include "stress/support/run.h"
#include "stress/support/worker.h"

namespace stress {

/// One condition, and what its engine has: the words in memory, and the work that they announce.
struct EngineWork {
    uint32_t counter = 0;
    uint32_t expected = 1;
    bool has_record = false;
    uint64_t record = 0;
    /// What the engine produced before the condition held. Plain on purpose: only the condition
    /// orders it.
    uint64_t produced = 0;

    static constexpr uint64_t product = 0x0123456789abcdef;

    /// The value of the record from which on the condition holds: beyond 32 bits.
    uint64_t cookie() const { return uint64_t{expected} << 32; }

    /// As the kernel that starts the work registers it.
    pto::DeferredCompletionEntry entry() const {
        const void* const word = has_record ? static_cast<const void*>(&record) : &counter;
        return {.addr = reinterpret_cast<uintptr_t>(word),
                .backend_cookie = has_record ? cookie() : 0,
                .expected_value = has_record ? 0 : expected,
                .engine = has_record ? pto::COMPLETION_ENGINE_SDMA : pto::COMPLETION_ENGINE_ROCE,
                .completion_type = has_record ? pto::COMPLETION_TYPE_SDMA_EVENT_RECORD
                                              : pto::COMPLETION_TYPE_COUNTER,
                .pad = 0};
    }

    /// The engine's part: it may be called before the condition is registered. `pause` is called
    /// between two steps.
    template <class Pause>
    void finish(Pause&& pause) {
        for (uint32_t value = 1; value <= expected; ++value) {
            if (value == expected) {
                produced = product;
            }
            pause();
            // Release, both: pairs with the acquire load in read_engine_word().
            if (has_record) {
                std::atomic_ref<uint64_t>(record).store(uint64_t{value} << 32,
                                                        std::memory_order_release);
            } else {
                std::atomic_ref<uint32_t>(counter).store(value, std::memory_order_release);
            }
        }
    }

    /// Whether the words are as the engine left them. For a condition whose task has completed.
    bool is_untouched() const {
        return has_record ? record == cookie() && counter == 0 : counter == expected && record == 0;
    }
};

/// A task with its slot and its conditions, dealt out over its subtasks.
template <class Platform>
struct WaitingTask {
    pto::TaskDescriptor descriptor{};
    pto::PTO2TaskSlotState<Platform> slot{};
    std::vector<EngineWork> work;
    // Plain on purpose: only the mailbox and the wait list's lock order them.
    std::vector<uint64_t> subtask_results;
    Clock::time_point done_at{};
    uint32_t completions = 0;
    uint32_t releases = 0;

    /// Makes it task `index` of a round. Quiescent only.
    void begin(uint32_t index, uint32_t subtasks, uint32_t conditions) {
        descriptor.task_id = pto::PTO2TaskId::make(1, index);
        slot.reset_for_reuse();
        slot.task = &descriptor;
        slot.total_required_subtasks = static_cast<int16_t>(subtasks);
        work.assign(conditions, {});
        subtask_results.assign(subtasks, 0);
        completions = 0;
        releases = 0;
    }

    uint32_t index() const { return descriptor.task_id.local(); }
    pto::PTO2TaskId token() const { return descriptor.task_id; }
    uint64_t slot_address() const { return reinterpret_cast<uintptr_t>(&slot); }
    uint32_t subtasks() const { return static_cast<uint32_t>(subtask_results.size()); }

    /// The conditions that a subtask registers: those from its first to before the next one's.
    uint32_t first_condition(uint32_t subtask) const {
        return static_cast<uint32_t>(work.size()) * subtask / subtasks();
    }
};

/// Tries a push again and again until it is taken. After each refusal it calls `on_full() -> bool`,
/// whose false ends the attempts. Returns whether the push was taken.
template <class Push, class OnFull>
bool push_until_taken(Worker& worker, Push&& try_push, OnFull&& on_full) {
    for (uint32_t attempts = 0; !try_push(); ++attempts) {
        worker.met_full_ring();
        if (!on_full()) {
            return false;
        }
        worker.back_off(attempts);
    }
    return true;
}

/// Pushes conditions of a task from its `next`-th on: one, or all before its `end`-th in bulk.
/// Returns how many were taken; 0 when `on_full` gave up.
template <class Task, class Mailbox, class OnFull>
uint32_t push_conditions(Worker& worker, Mailbox& mailbox, const Task& task, uint32_t next,
                         uint32_t end, OnFull&& on_full) {
    if (worker.random().one_in(2)) {
        const pto::DeferredCompletionEntry entry = task.work[next].entry();
        return push_until_taken(
            worker,
            [&] {
                return mailbox.try_push_condition(task.token(), entry.addr, entry.backend_cookie,
                                                  entry.expected_value, entry.engine,
                                                  entry.completion_type);
            },
            on_full);
    }
    std::vector<pto::DeferredCompletionEntry> entries;
    for (uint32_t i = next; i < end; ++i) {
        entries.push_back(task.work[i].entry());
    }
    uint32_t taken = 0;
    push_until_taken(
        worker,
        [&] {
            taken = mailbox.try_push_conditions(task.token(), entries.data(), end - next);
            return taken != 0;
        },
        on_full);
    return taken;
}

/// What a thread does with the FIN of a subtask: pushes the subtask's conditions and, if it was the
/// last, the NORMAL_DONE. False when `on_full` gave up; the subtask is not counted then.
template <class Task, class Mailbox, class OnFull>
bool finish_subtask(Worker& worker, Mailbox& mailbox, Task& task, uint32_t subtask,
                    OnFull&& on_full) {
    worker.at("pushing conditions");
    const uint32_t end = task.first_condition(subtask + 1);
    for (uint32_t next = task.first_condition(subtask); next < end;) {
        const uint32_t taken = push_conditions(worker, mailbox, task, next, end, on_full);
        if (taken == 0) {
            return false;
        }
        next += taken;
    }
    task.subtask_results[subtask] = EngineWork::product;
    if (!task.slot.on_subtask_complete()) {
        return true;
    }
    worker.at("try_push_normal_done");
    task.done_at = Clock::now();
    return push_until_taken(
        worker, [&] { return mailbox.try_push_normal_done(task.token(), task.slot_address()); },
        on_full);
}

/// A scheduler that completes nothing further and checks instead that each task had the right to.
///
/// The wait list calls it under its lock; the polling thread sets `poller` for the latencies.
template <class Platform>
class CheckingScheduler final : public pto::CompletionScheduler<Platform> {
  public:
    using Task = WaitingTask<Platform>;
    using Slot = pto::PTO2TaskSlotState<Platform>;

    CheckingScheduler(Run& run, std::vector<Task>& tasks) : run_(run), tasks_(tasks) {}

    /// The polling thread's place. An operation is a completed task; its latency begins at
    /// WaitingTask::done_at.
    static Worker*& poller() {
        static thread_local Worker* worker = nullptr;
        return worker;
    }

    uint32_t completed() const {
        // Acquire: pairs with the release increment below.
        return completed_.load(std::memory_order_acquire);
    }

    void on_mixed_task_complete(Slot& slot,
                                pto::PTO2LocalReadyBuffer<Platform>*) noexcept override {
        Task& task = tasks_[slot.task->task_id.local()];
        if (++task.completions != 1) {
            run_.fail(Verdict::completed_twice, "task %" PRIu32 " completed %" PRIu32 " times",
                      task.index(), task.completions);
        }
        check_subtasks(task);
        check_work(task);
        poller()->done_since(task.done_at);
        // Release: pairs with the acquire load in completed().
        completed_.fetch_add(1, std::memory_order_release);
    }

    void on_task_release(Slot& slot) noexcept override {
        Task& task = tasks_[slot.task->task_id.local()];
        if (task.completions != 1 || ++task.releases != 1) {
            run_.fail(Verdict::completed_twice,
                      "task %" PRIu32 " was released %" PRIu32 " times, and completed %" PRIu32,
                      task.index(), task.releases, task.completions);
        }
    }

    /// Checks that every task of the round was completed and released, and its engines' words
    /// left alone. Quiescent only.
    void finish() {
        for (Task& task : tasks_) {
            if (task.completions != 1 || task.releases != 1) {
                run_.fail(Verdict::never_completed,
                          "task %" PRIu32 " was completed %" PRIu32 " times and released %" PRIu32
                          " times when all its conditions held",
                          task.index(), task.completions, task.releases);
            }
            for (uint32_t i = 0; i < task.work.size(); ++i) {
                check_words(task, i);
            }
        }
    }

  private:
    void check_subtasks(const Task& task) {
        for (uint32_t subtask = 0; subtask < task.subtasks(); ++subtask) {
            if (task.subtask_results[subtask] != EngineWork::product) {
                run_.fail(Verdict::completed_early,
                          "task %" PRIu32 " completed before its subtask %" PRIu32 " had finished",
                          task.index(), subtask);
            }
        }
    }

    void check_work(const Task& task) {
        for (uint32_t i = 0; i < task.work.size(); ++i) {
            if (task.work[i].produced != EngineWork::product) {
                run_.fail(Verdict::completed_early,
                          "task %" PRIu32 " completed before condition %" PRIu32 " of %zu held",
                          task.index(), i, task.work.size());
            }
        }
    }

    void check_words(const Task& task, uint32_t condition) {
        const EngineWork& work = task.work[condition];
        if (!work.is_untouched()) {
            run_.fail(Verdict::device_word_changed,
                      "condition %" PRIu32 " of task %" PRIu32 ": its engine left %s %" PRIu64
                      ", and now there are record %" PRIu64 " and counter %" PRIu32,
                      condition, task.index(), work.has_record ? "record" : "counter",
                      work.has_record ? work.cookie() : uint64_t{work.expected}, work.record,
                      work.counter);
        }
    }

    Run& run_;
    std::vector<Task>& tasks_;
    std::atomic<uint32_t> completed_{0};
};

/// A wait list and its mailbox; they stay from round to round.
template <class Platform>
struct WaitListShared {
    pto::AsyncWaitList<Platform> list{};
    typename pto::AsyncWaitList<Platform>::Mailbox mailbox{};
    std::vector<WaitingTask<Platform>> tasks;
};

/// Checks that a quiescent wait list and its mailbox hold nothing.
template <class Platform>
void expect_empty(Run& run, const WaitListShared<Platform>& shared) {
    const uint64_t messages = shared.mailbox.head.load(std::memory_order_relaxed) -
                              shared.mailbox.tail.load(std::memory_order_relaxed);
    const int32_t waiting = shared.list.count.load(std::memory_order_relaxed);
    if (messages != 0 || waiting != 0 || shared.list.busy.load(std::memory_order_relaxed) != 0) {
        run.fail(Verdict::left_over,
                 "%" PRIu64 " messages and %" PRId32 " waiting tasks are left, and the lock is %s",
                 messages, waiting,
                 shared.list.busy.load(std::memory_order_relaxed) != 0 ? "held" : "free");
    }
}

}  // namespace stress
