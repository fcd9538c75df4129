// Runs scenarios of the wait list under weave and keeps their history. Judges nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/news.h"
#include "fuzz/wait_list/wait_list_weave_history.h"
#include "fuzz/wait_list/wait_list_weave_schedule.h"
#include "src/runtime/mailbox.h"
#include "src/runtime/run_state.h"
#include "src/runtime/task_slot.h"
#include "src/runtime/wait_list.h"

namespace fuzz {

/// One scenario, explored again and again. Not thread-safe, but for what run() does.
class WaitListWeaveScenario {
  public:
    using Schedule = WaitListWeaveSchedule;
    static constexpr ScheduleFormat format = Schedule::format;

    void decode(Bytes input) { schedule_.decode(input); }
    Bytes choices() const { return schedule_.choices; }
    bool is_sc() const { return schedule_.is_sc; }
    /// The fewest steps of an execution: the engine gives all words, each as counter and record.
    uint64_t steps_min() const { return uint64_t{2} * engine_words * engine_value_max; }

    /// One execution.
    void run();
    /// What the contract does not allow in the execution that has just ended.
    std::optional<Finding> judge() const;
    /// What happens at a point that the last execution has marked.
    std::string point_text(uint64_t point) const;

    static std::string describe(Bytes input) { return Schedule::describe(input); }
    static std::vector<Seed> seeds() { return Schedule::seeds(); }
    static std::vector<Seed> benchmark_inputs() { return Schedule::benchmark_inputs(); }

  private:
    template <uint32_t Capacity>
    class Run;
    using Call = WaitListWeaveCall;
    using Operation = WaitListWeaveOperation;

    // What is not instrumented, to keep the history by. Any thread may call any of them.
    void begin_history() noexcept;
    void note_finished(uint32_t task) noexcept;
    void note_value(uint32_t word, uint32_t value) noexcept;
    void note_completed(uint32_t task, bool is_locked, bool has_error) noexcept;
    void note_released(uint32_t task) noexcept;
    void note_other_completed() noexcept;
    void note_other_released() noexcept;
    void note_stale() noexcept;
    void note_error(int32_t code) noexcept;
    void note_end(const WaitListWeaveEnd& end) noexcept;
    bool is_ready(uint32_t task) const noexcept;

    WaitListWeaveSchedule schedule_{};
    WaitListWeaveHistory history_;
    // Ahead of what the threads do, and never behind.
    std::array<std::atomic<uint32_t>, waiting_tasks_max> finished_{};
    std::array<std::atomic<uint32_t>, engine_words> values_{};
};

/// A platform with a mailbox of `Capacity` slots.
template <uint32_t Capacity>
struct ExploredPlatform {
    static constexpr uint32_t mailbox_capacity = Capacity;
    template <class Self>
    static constexpr pto::CompletionBackendOps<Self> completion_backends[] = {
        pto::counter_backend<Self>, pto::event_record_backend<Self>};

    static void cache_invalidate_range(const void*, size_t) noexcept {}
    static void cache_flush_range(const void*, size_t) noexcept {}
};

/// Zero bytes are an empty list. Kept, as it is too large to construct in every execution.
template <uint32_t Capacity>
constinit inline pto::AsyncWaitList<ExploredPlatform<Capacity>> explored_wait_list{};

/// One execution's mailbox, tasks, engine and threads, on the heap: weave does not see plain
/// accesses to what is on a thread's own stack.
template <uint32_t Capacity>
class WaitListWeaveScenario::Run final
    : public pto::CompletionScheduler<ExploredPlatform<Capacity>> {
  public:
    using Platform = ExploredPlatform<Capacity>;
    using Slot = pto::PTO2TaskSlotState<Platform>;
    using WaitList = pto::AsyncWaitList<Platform>;

    explicit Run(WaitListWeaveScenario& scenario)
        : scenario_(scenario),
          schedule_(scenario.schedule_),
          list_(explored_wait_list<Capacity>),
          task_count_(static_cast<int32_t>(schedule_.task_count())),
          must_fail_(schedule_.must_fail()) {
        mailbox_.reset(schedule_.first_ticket);
        // Relaxed: an execution that failed may have left it held.
        list_.busy.store(0, std::memory_order_relaxed);
        list_.reset_for_reuse();
        for (uint32_t i = 0; i < waiting_tasks_max; ++i) {
            begin_task(tasks_[i], task_id(i), schedule_.subtasks[i]);
        }
        // One that completed before the run.
        begin_task(finished_, waiting_tasks_max + 1 + others_max, 1);
        finished_.slot.task_state.store(pto::PTO2_TASK_COMPLETED, std::memory_order_relaxed);
        if (schedule_.waiting_before != 0) {
            let_others_wait();
        }
    }

    void run() {
        std::vector<std::thread> threads;
        threads.emplace_back([this] { finish_all(Schedule::fin_0); });
        threads.emplace_back([this] { finish_all(Schedule::fin_1); });
        threads.emplace_back([this] { set_words(); });
        for (uint32_t i = 0; i < schedule_.pollers; ++i) {
            threads.emplace_back([this] { poll_to_the_end(); });
        }
        for (uint32_t i = 0; i < waiting_tasks_max; ++i) {
            depend_on(i);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        note_end();
    }

    void on_mixed_task_complete(Slot& slot,
                                pto::PTO2LocalReadyBuffer<Platform>*) noexcept override {
        const uint32_t task = number_of(slot);
        if (task == waiting_tasks_max) {
            return scenario_.note_other_completed();
        }
        // Relaxed, both: this thread holds the lock, or the oracle says so.
        scenario_.note_completed(task, list_.busy.load(std::memory_order_relaxed) == 1,
                                 list_.error_code.load(std::memory_order_relaxed) != 0);
        check_outputs(task);
        check_engine_data(task);
    }

    void on_task_release(Slot& slot) noexcept override {
        const uint32_t task = number_of(slot);
        if (task == waiting_tasks_max) {
            return scenario_.note_other_released();
        }
        scenario_.note_released(task);
    }

  private:
    static constexpr int32_t release_capacity = 1;
    static constexpr uint32_t others_max = pto::MAX_ASYNC_WAITS;

    struct Task {
        pto::TaskDescriptor descriptor;
        Slot slot;
        uint32_t outputs[Schedule::operations_max];  ///< plain: written by its subtasks
        std::atomic<uint32_t> begun;                 ///< gives each subtask its output
    };

    /// What a scheduler thread has for itself.
    struct Own {
        explicit Own(Run& shared) : run(shared) {}
        Own(const Own&) = delete;
        Own& operator=(const Own&) = delete;
        ~Own() {
            for (int32_t i = 0; i < release_count; ++i) {
                run.on_task_release(*releases[i]);
            }
        }
        Run& run;
        Slot* releases[release_capacity] = {};
        int32_t release_count = 0;
    };

    static uint64_t task_id(uint32_t task) { return task + 1; }

    static void begin_task(Task& task, uint64_t id, uint32_t subtasks) {
        task.descriptor.task_id = id;
        task.slot.task = &task.descriptor;
        task.slot.total_required_subtasks = static_cast<int16_t>(subtasks);
    }

    /// waiting_tasks_max: one of those that wait from the beginning.
    uint32_t number_of(const Slot& slot) const {
        const uint64_t id = slot.task->task_id.raw;
        return id <= waiting_tasks_max ? static_cast<uint32_t>(id - 1) : waiting_tasks_max;
    }

    void let_others_wait() {
        others_ = std::make_unique<Task[]>(schedule_.waiting_before);
        Own own(*this);
        for (uint32_t i = 0; i < schedule_.waiting_before; ++i) {
            Task& task = others_[i];
            begin_task(task, waiting_tasks_max + 1 + i, 1);
            push(own, [&] {
                return mailbox_.try_push_condition(task.descriptor.task_id, address_of(gate_word),
                                                   engine_value_max, 0,
                                                   pto::COMPLETION_TYPE_COUNTER);
            });
            push(own, [&] { return push_done(task, task.slot); });
            poll(own);
        }
    }

    // ----- FIN threads

    void finish_all(uint32_t thread) {
        Own own(*this);
        for (const Operation& op : schedule_.lists[thread]) {
            news_.pass(op.pause);
            if (!perform(own, op)) {
                break;
            }
        }
    }

    /// False if the run has ended.
    bool perform(Own& own, const Operation& op) {
        switch (op.call) {
            case Call::finish:
            case Call::finish_in_bulk:
                return finish(own, op);
            case Call::push_malformed:
                return push_malformed(own, op);
            case Call::poll:
                poll(own);
                return true;
            case Call::set:
                return true;
        }
        return true;
    }

    bool finish(Own& own, const Operation& op) {
        Task& task = tasks_[op.task];
        // Relaxed: it only gives out places.
        const uint32_t place = task.begun.fetch_add(1, std::memory_order_relaxed);
        task.outputs[place] = output_of(op.task, place);
        if (op.call == Call::finish ? !push_one_by_one(own, op) : !push_in_bulk(own, op)) {
            return false;
        }
        scenario_.note_finished(op.task);
        return !task.slot.on_subtask_complete() ||
               push(own, [&] { return push_done(task, task.slot); });
    }

    static uint32_t output_of(uint32_t task, uint32_t place) { return 100 * (task + 1) + place; }

    pto::DeferredCompletionEntry condition_of(const Operation& op) {
        if (op.is_record) {
            return {
                record_address(op.word), op.value, 0, 0, pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, 0};
        }
        return {address_of(op.word), 0, op.value, 0, pto::COMPLETION_TYPE_COUNTER, 0};
    }

    bool push_one_by_one(Own& own, const Operation& op) {
        const pto::DeferredCompletionEntry c = condition_of(op);
        for (uint32_t i = 0; i < op.conditions; ++i) {
            if (!push(own, [&] { return push_condition(op.task, c); })) {
                return false;
            }
        }
        return true;
    }

    bool push_in_bulk(Own& own, const Operation& op) {
        const std::vector<pto::DeferredCompletionEntry> all(op.conditions, condition_of(op));
        uint32_t pushed = 0;
        return push(own, [&] {
            pushed += mailbox_.try_push_conditions(task_id(op.task), all.data() + pushed,
                                                   op.conditions - pushed);
            return pushed == op.conditions;
        });
    }

    bool push_condition(uint32_t task, const pto::DeferredCompletionEntry& c) {
        return mailbox_.try_push_condition(task_id(task), c.addr, c.backend_cookie,
                                           c.expected_value, c.engine, c.completion_type);
    }

    bool push_done(Task& task, Slot& slot) {
        return mailbox_.try_push_normal_done(task.descriptor.task_id,
                                             reinterpret_cast<uintptr_t>(&slot));
    }

    bool push_malformed(Own& own, const Operation& op) {
        const pto::DeferredCompletionEntry c = malformed_condition(op);
        Task& task = tasks_[op.task];
        Task& other = tasks_[(op.task + 1) % waiting_tasks_max];
        return push(own, [&] {
            switch (op.malformed) {
                case Malformed::unknown_kind:
                    return push_kind(op.task, 7);
                case Malformed::done_without_slot:
                    return mailbox_.try_push_normal_done(task_id(op.task), 0);
                case Malformed::done_of_another_task:
                    return push_done(task, other.slot);
                case Malformed::done_twice:
                    return push_done(finished_, finished_.slot);
                default:
                    return push_condition(op.task, c);
            }
        });
    }

    /// A condition that cannot be tested.
    pto::DeferredCompletionEntry malformed_condition(const Operation& op) {
        switch (op.malformed) {
            case Malformed::misaligned_condition:
                return {address_of(op.word) + 1, 0, 1, 0, pto::COMPLETION_TYPE_COUNTER, 0};
            case Malformed::unknown_type:
                return {address_of(op.word), 0, 1, 0, 77, 0};
            default:
                return {
                    record_address(op.word), 0, 0, 0, pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, 0};
        }
    }

    bool push_kind(uint32_t task, uint32_t kind) {
        uint64_t ticket = 0;
        if (mailbox_.try_claim(1, ticket) == 0) {
            return false;
        }
        mailbox_.publish(ticket, {task_id(task), 0, 0, 0, 0, kind, 0});
        return true;
    }

    /// Pushes until it succeeds, polling when the ring is full. False if the run has ended.
    template <class Push>
    bool push(Own& own, Push try_push) {
        while (!try_push()) {
            list_.mpsc_skipped_count.fetch_add(1, std::memory_order_relaxed);
            if (state_.is_stopped()) {
                return false;
            }
            poll(own);
            std::this_thread::yield();
        }
        return true;
    }

    // ----- pollers

    void poll_to_the_end() {
        Own own(*this);
        while (!is_over()) {
            // Relaxed: a hint, as the scheduler's gate has it.
            if (list_.count.load(std::memory_order_relaxed) > 0 || mailbox_.has_pending()) {
                poll(own);
            }
            std::this_thread::yield();
        }
    }

    /// Has the run ended, or are all tasks complete, and no message is to come that ends it?
    bool is_over() const {
        // Relaxed: what the tasks did is looked at by threads that find them completed.
        return state_.is_stopped() ||
               (!must_fail_ && completed_.load(std::memory_order_relaxed) >= task_count_);
    }

    void poll(Own& own) {
        const bool has_buffer = schedule_.has_release_buffer;
        const auto result = list_.template poll_and_complete<true>(
            &mailbox_, this, nullptr, has_buffer ? own.releases : nullptr, own.release_count,
            has_buffer ? release_capacity : 0);
        completed_.fetch_add(result.completed, std::memory_order_relaxed);
        if (result.error_code != 0) {
            scenario_.note_error(result.error_code);
            state_.latch_error(result.error_code);
        }
    }

    // ----- the engine

    uint64_t address_of(uint32_t word) { return reinterpret_cast<uintptr_t>(&counters_[word]); }
    uint64_t record_address(uint32_t word) { return reinterpret_cast<uintptr_t>(&records_[word]); }

    void set_words() {
        for (const Operation& op : schedule_.lists[Schedule::engine]) {
            news_.pass(op.pause);
            if (op.call == Call::set) {
                set(op.word, op.value);
            }
        }
        for (uint32_t word = 0; word < engine_words; ++word) {
            set(word, engine_value_max);
        }
    }

    /// Moves the data and then says so, as counter and as record.
    void set(uint32_t word, uint32_t value) {
        for (; set_[word] < value; ++set_[word]) {
            const uint32_t next = set_[word] + 1;
            data_[word][next] = next;
            scenario_.note_value(word, next);
            // Release, both: pairs with the acquire load in read_engine_word().
            std::atomic_ref<uint32_t>(counters_[word]).store(next, std::memory_order_release);
            std::atomic_ref<uint64_t>(records_[word]).store(next, std::memory_order_release);
        }
    }

    // ----- what depends on a task

    /// Acts as a task that finds its predecessor completed and starts at once.
    void depend_on(uint32_t task) {
        if (schedule_.subtasks[task] == 0) {
            return;
        }
        // Acquire: pairs with the store of COMPLETED.
        while (tasks_[task].slot.task_state.load(std::memory_order_acquire) !=
               pto::PTO2_TASK_COMPLETED) {
            if (state_.is_stopped()) {
                return;
            }
            std::this_thread::yield();
        }
        check_outputs(task);
    }

    /// Plain reads: weave looks whether they race.
    void check_outputs(uint32_t task) {
        for (uint32_t place = 0; place < schedule_.subtasks[task]; ++place) {
            if (tasks_[task].outputs[place] != output_of(task, place)) {
                scenario_.note_stale();
            }
        }
    }

    void check_engine_data(uint32_t task) {
        for (const uint32_t thread : {Schedule::fin_0, Schedule::fin_1}) {
            for (const Operation& op : schedule_.lists[thread]) {
                const bool is_finish = op.call == Call::finish || op.call == Call::finish_in_bulk;
                if (is_finish && op.task == task && op.conditions != 0 &&
                    data_[op.word][op.value] != op.value) {
                    scenario_.note_stale();
                }
            }
        }
    }

    void note_end() {
        WaitListWeaveEnd end;
        end.error = list_.error_code.load(std::memory_order_relaxed);
        end.status = state_.status();
        end.completed = completed_.load(std::memory_order_relaxed);
        end.waiting = list_.count.load(std::memory_order_relaxed);
        end.is_busy = list_.busy.load(std::memory_order_relaxed) != 0;
        end.has_messages = mailbox_.has_pending();
        end.skipped = list_.mpsc_skipped_count.load(std::memory_order_relaxed);
        if (end.error != 0 && !end.is_busy) {
            const uint64_t messages = list_.profile.messages.load(std::memory_order_relaxed);
            int32_t release_count = 0;
            const auto result = list_.template poll_and_complete<true>(&mailbox_, this, nullptr,
                                                                       nullptr, release_count, 0);
            end.changed_after_error =
                result.completed != 0 || result.error_code != end.error ||
                list_.profile.messages.load(std::memory_order_relaxed) != messages ||
                list_.count.load(std::memory_order_relaxed) != end.waiting;
        }
        scenario_.note_end(end);
    }

    WaitListWeaveScenario& scenario_;
    const WaitListWeaveSchedule& schedule_;
    WaitList& list_;
    const int32_t task_count_;
    const bool must_fail_;
    pto::AICoreCompletionMailbox<Capacity> mailbox_;
    pto::RunState state_;
    News news_;
    std::atomic<int32_t> completed_ = 0;
    Task tasks_[waiting_tasks_max]{};
    Task finished_{};  ///< a task that completed before the run
    std::unique_ptr<Task[]> others_;
    // The engine's. `data_` is plain: it is written before the word that says so.
    uint32_t counters_[engine_words] = {};
    uint64_t records_[engine_words] = {};
    uint32_t data_[engine_words][engine_value_max + 1] = {};
    uint32_t set_[engine_words] = {};
};

inline void WaitListWeaveScenario::run() {
    begin_history();
    switch (schedule_.capacity) {
        case 1:
            return std::make_unique<Run<1>>(*this)->run();
        case 2:
            return std::make_unique<Run<2>>(*this)->run();
        case 4:
            return std::make_unique<Run<4>>(*this)->run();
        default:
            return std::make_unique<Run<8>>(*this)->run();
    }
}

}  // namespace fuzz
