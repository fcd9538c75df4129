// The product's wait list and mailbox, unmodified: two threads that handle FINs, two that poll and
// so compete for `busy`, one that is the engine that conditions wait for, and one that depends on
// all tasks. The ring has 4 slots and gets messages for 5, so a FIN thread that finds it full
// becomes a consumer too.
//
//     shared   two subtasks, one on each FIN thread, of which one leaves a counter as its condition
//     copied   a counter and an SDMA record, in one registration
//     simple   no condition: the drain that meets its NORMAL_DONE completes it
//
// Asserted: each task completes and is released exactly once, after its subtasks and with all its
// conditions seen; a condition is retired once, and conditions keep the order of their pushes; the
// lock is held while a task completes; every message is counted; at the end nothing waits, nothing
// is pending, no error is set and `busy` is free. What the subtasks and the engine wrote is read
// with no ordering but the product's, by the thread that completes the task and by every thread
// that finds it COMPLETED.
//
//     WEAVE_OPTIONS=mode=pct:executions=1000000 build/dev/bin/explored_wait_list
#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <thread>

#include "scheduler_threads.h"

namespace {

using explored::address_of;
using explored::Run;
using explored::SchedulerThread;
using explored::Slot;
using explored::wait_list;

enum TaskNumber : uint32_t { shared, copied, simple, task_count };

constexpr uint32_t subtasks_max = 2;
constexpr uint32_t conditions_max = 2;
constexpr uint64_t messages = 5;  // as slots
constexpr uint64_t record_end = uint64_t{7} << 32;

struct Task {
    uint32_t subtask_count;
    uint32_t condition_count;
    pto::DeferredCompletionEntry conditions[conditions_max];
    pto::TaskDescriptor descriptor;
    Slot slot;
    uint32_t outputs[subtasks_max];  // plain: written by its subtasks
    bool is_completed;
    bool is_released;
};

/// The memory of an SDMA engine. `data` is plain: the engine writes it before it signals
/// completion.
struct Engine {
    uint32_t data[2];
    uint32_t counter;
    uint64_t record;
};

class WaitListScenario final : public explored::Scheduler {
  public:
    WaitListScenario() {
        begin_task(shared, /*subtasks=*/2, /*conditions=*/1);
        begin_task(copied, /*subtasks=*/1, /*conditions=*/2);
        begin_task(simple, /*subtasks=*/1, /*conditions=*/0);
        const uint64_t counter = address_of(engine_.counter);
        tasks_[shared].conditions[0] = {counter, 0, 1, 0, pto::COMPLETION_TYPE_COUNTER, 0};
        tasks_[copied].conditions[0] = {counter, 0, 2, 0, pto::COMPLETION_TYPE_COUNTER, 0};
        tasks_[copied].conditions[1] = {address_of(engine_.record),
                                        record_end,
                                        0,
                                        0,
                                        pto::COMPLETION_TYPE_SDMA_EVENT_RECORD,
                                        0};
    }

    void run() {
        std::thread first_fin([this] { handle_first_fins(); });
        std::thread second_fin([this] { handle_second_fins(); });
        std::thread poller([this] { poll_until_all_is_complete(); });
        std::thread competitor([this] { poll_until_all_is_complete(); });
        std::thread engine([this] { copy_data(); });
        for (const Task& task : tasks_) {
            use_outputs(task);
        }
        first_fin.join();
        second_fin.join();
        poller.join();
        competitor.join();
        engine.join();
        check_end();
    }

    void on_mixed_task_complete(Slot& slot, explored::LocalBuffer*) noexcept override {
        Task& task = task_of(slot);
        assert(wait_list.busy.load(std::memory_order_relaxed) == 1);
        assert(slot.task_state.load(std::memory_order_relaxed) == pto::PTO2_TASK_COMPLETED);
        assert(!task.is_completed);
        task.is_completed = true;
        check_subtasks(task);
        check_conditions(task);
    }

    void on_task_release(Slot& slot) noexcept override {
        Task& task = task_of(slot);
        assert(task.is_completed);
        assert(!task.is_released);
        task.is_released = true;
    }

  private:
    void begin_task(uint32_t number, uint32_t subtasks, uint32_t conditions) {
        Task& task = tasks_[number];
        task.subtask_count = subtasks;
        task.condition_count = conditions;
        task.descriptor.task_id = number + 1;
        task.slot.task = &task.descriptor;
        task.slot.total_required_subtasks = static_cast<int16_t>(subtasks);
    }

    Task& task_of(const Slot& slot) { return tasks_[slot.task->task_id - 1]; }

    static uint32_t output_of(const Task& task, uint32_t subtask) {
        return static_cast<uint32_t>(10 * task.descriptor.task_id + subtask);
    }

    void run_subtask(uint32_t number, uint32_t subtask) {
        tasks_[number].outputs[subtask] = output_of(tasks_[number], subtask);
    }

    void handle_first_fins() {
        SchedulerThread thread(run_, *this);
        Task& task = tasks_[shared];
        run_subtask(shared, 0);
        thread.push_condition(task.descriptor.task_id, task.conditions[0]);
        thread.finish_subtask(task.slot);
        run_subtask(simple, 0);
        thread.finish_subtask(tasks_[simple].slot);
    }

    void handle_second_fins() {
        SchedulerThread thread(run_, *this);
        Task& task = tasks_[copied];
        run_subtask(copied, 0);
        thread.push_registration(task.slot, task.conditions, task.condition_count);
        run_subtask(shared, 1);
        thread.finish_subtask(tasks_[shared].slot);
    }

    void poll_until_all_is_complete() {
        SchedulerThread thread(run_, *this);
        while (run_.completed.load(std::memory_order_relaxed) < static_cast<int>(task_count)) {
            if (thread.is_poll_due()) {
                thread.poll();
            } else {
                std::this_thread::yield();
            }
        }
    }

    /// Writes each piece of data and then its completion word.
    void copy_data() {
        const std::atomic_ref<uint32_t> counter(engine_.counter);
        engine_.data[0] = 1;
        counter.store(1, std::memory_order_release);
        engine_.data[1] = 2;
        counter.store(2, std::memory_order_release);
        std::atomic_ref<uint64_t>(engine_.record).store(record_end, std::memory_order_release);
    }

    /// Acts as a task that finds its predecessor completed and starts at once.
    static void use_outputs(const Task& task) {
        while (task.slot.task_state.load(std::memory_order_acquire) != pto::PTO2_TASK_COMPLETED) {
            std::this_thread::yield();
        }
        check_subtasks(task);
    }

    static void check_subtasks(const Task& task) {
        for (uint32_t subtask = 0; subtask < task.subtask_count; ++subtask) {
            assert(task.outputs[subtask] == output_of(task, subtask));
        }
    }

    void check_conditions(const Task& task) {
        const auto* const entry = wait_list.find_entry_by_token(task.descriptor.task_id);
        if (task.condition_count == 0) {
            assert(entry == nullptr);
            return;
        }
        assert(entry->slot_state == &task.slot && entry->normal_done);
        assert(entry->condition_count == static_cast<int>(task.condition_count));
        assert(entry->waiting_completion_count == 0);
        for (uint32_t i = 0; i < task.condition_count; ++i) {
            assert(entry->conditions[i].addr == task.conditions[i].addr);
            assert(entry->conditions[i].expected_value == task.conditions[i].expected_value);
            assert(entry->conditions[i].satisfied && entry->conditions[i].retired);
            const uint32_t copies = task.conditions[0].expected_value;
            assert(engine_.data[copies - 1] == copies);
        }
    }

    void check_end() {
        for (const Task& task : tasks_) {
            assert(task.is_completed && task.is_released);
        }
        assert(engine_.record == record_end);
        pto::AICoreCompletionMsgView none;
        assert(!run_.mailbox.has_pending());
        assert(!run_.mailbox.try_pop(none));
        assert(run_.completed.load() == static_cast<int>(task_count));
        assert(run_.state.status() == 0);
        assert(wait_list.busy.load() == 0);
        assert(wait_list.count.load() == 0);
        assert(wait_list.error_code.load() == 0);
        assert(wait_list.profile.messages.load() == messages);
    }

    Run run_;
    Engine engine_{};
    Task tasks_[task_count]{};
};

}  // namespace

int main() { std::make_unique<WaitListScenario>()->run(); }
