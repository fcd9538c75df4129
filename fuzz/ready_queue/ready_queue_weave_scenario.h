// Pushers and poppers of the ready queue under weave. The calls are those of ready_queue_threads,
// and so are the history and the oracle; when they happen is up to the input as well.
//
// Bytes: 0 version | 1 capacity | 2 threads, as in ready_queue_threads | 3 bit 0: sequentially
// consistent memory | 4 number of operations | operations, each a record of ready_queue_threads;
// then choices, a byte each.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/news.h"
#include "fuzz/ready_queue/ready_queue_threads_history.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/ready_queue/ready_task.h"
#include "src/runtime/ready_queue.h"

namespace fuzz {

/// One scenario, explored again and again. Not thread-safe, but for what run() does.
class ReadyQueueWeaveScenario {
  public:
    static constexpr size_t operations_max = 16;
    static constexpr ScheduleFormat format{.header_bytes = 5 + 2 * operations_max,
                                           .record_bytes = 1,
                                           .operation_bytes = 2,
                                           .operations_max = operations_max,
                                           .wishes_max = explored_wishes_max};

    /// Replaces `*this` by what the bytes say; every byte string is a scenario.
    void decode(Bytes input);

    Bytes choices() const { return choices_; }
    bool is_sc() const { return is_sc_; }
    /// The fewest steps of an execution: what is pushed until it is taken is claimed and stored.
    uint64_t steps_min() const;
    const ReadyQueueThreadsSchedule& schedule() const { return schedule_; }

    /// One execution: runs all threads, and drains the queue when they are done.
    void run();
    /// What the contract does not allow in the execution that has just ended.
    std::optional<Finding> judge() const;
    /// What happens at a point that the last execution has marked.
    std::string point_text(uint64_t point) const;

    /// The same calls as an input of ready_queue_threads.
    static std::vector<uint8_t> threads_input(Bytes input);
    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();

  private:
    class Run;
    using Call = ReadyThreadsCall;
    using Operation = ReadyThreadsOperation;

    // Not instrumented, as are all functions that are not defined here.
    void begin_history() noexcept;
    /// A call of the thread begins now.
    void begin(uint32_t thread) noexcept;
    /// It has ended; records it.
    void note(uint32_t thread, uint32_t operation, Call call, uint32_t first, uint32_t count,
              uint32_t result) noexcept;
    static ReadyTask* task(uint32_t number) noexcept;
    static ReadyTask* const* tasks_from(uint32_t number) noexcept;
    static bool is_task(const ReadyTask* task) noexcept;
    /// Records a task that the last call of a popper got.
    void note_popped(uint32_t thread, const ReadyTask* task, uint32_t mark) noexcept;

    Bytes choices_;
    bool is_sc_ = false;
    ReadyQueueThreadsSchedule schedule_;
    ReadyQueueThreadsHistory history_;
    std::array<uint64_t, ready_threads_max> begins_{};
};

/// One execution's queue and threads, on the heap: weave does not see plain accesses to what is on
/// a thread's own stack.
class ReadyQueueWeaveScenario::Run {
  public:
    explicit Run(ReadyQueueWeaveScenario& scenario)
        : scenario_(scenario),
          schedule_(scenario.schedule_),
          queue_(schedule_.capacity, schedule_.first_ticket),
          pushers_left_(schedule_.pushers) {}

    void thread(uint32_t index) {
        if (index < schedule_.poppers) {
            pop_all(index);
        } else {
            push_all(index);
        }
    }

    /// Drains the queue after all threads are done.
    void finish() {
        const auto end = static_cast<uint32_t>(schedule_.lists[0].size());
        pop(0, end, Call::pop_batch, schedule_.capacity + 1, true);
        ask_size(0, end);
    }

  private:
    /// The most tasks of a call; see decode().
    static constexpr uint32_t batch_max = 9;

    void push_all(uint32_t thread) {
        uint32_t next = ready_task_number(thread - schedule_.poppers, 0);
        const std::vector<Operation>& list = schedule_.lists[thread];
        for (uint32_t i = 0; i < list.size(); ++i) {
            news_.pass(list[i].pause);
            perform_push(thread, i, list[i], next);
        }
        // Relaxed: it must not order what the queue has to order.
        pushers_left_.fetch_sub(1, std::memory_order_relaxed);
    }

    void perform_push(uint32_t thread, uint32_t index, const Operation& op, uint32_t& next) {
        switch (op.call) {
            case Call::size:
                return ask_size(thread, index);
            case Call::push_until_taken:
            case Call::push_batch_until_taken:
                return push_until_taken(thread, index, op, next);
            default:
                break;
        }
        const uint32_t first = next;
        mark(first, op.count);
        scenario_.begin(thread);
        const uint32_t taken = op.call == Call::push_in_steps ? push_in_steps(first, op.count)
                                                              : push(op.call, first, op.count);
        next += taken;
        scenario_.note(thread, index, op.call, first, op.count, taken);
    }

    /// A refusal and what follows it are one call, so that a thread that waits does nothing new.
    void push_until_taken(uint32_t thread, uint32_t index, const Operation& op, uint32_t& next) {
        for (uint32_t left = op.count; left != 0;) {
            mark(next, left);
            scenario_.begin(thread);
            uint32_t taken = push(op.call, next, left);
            while (taken == 0) {
                std::this_thread::yield();
                taken = push(op.call, next, left);
            }
            scenario_.note(thread, index, op.call, next, left, taken);
            next += taken;
            left -= taken < left ? taken : left;
        }
    }

    uint32_t push(Call call, uint32_t first, uint32_t count) {
        return call == Call::push || call == Call::push_until_taken
                   ? queue_.push(task(first))
                   : queue_.push_batch(tasks_from(first), count);
    }

    uint32_t push_in_steps(uint32_t first, uint32_t count) {
        uint64_t ticket = 0;
        const uint32_t taken = queue_.try_claim_push(count, ticket);
        for (uint32_t i = 0; i < taken; ++i) {
            queue_.put(ticket + i, task(first + i));
        }
        return taken;
    }

    static void mark(uint32_t first, uint32_t count) {
        for (uint32_t i = 0; i < count; ++i) {
            task(first + i)->mark = ready_mark(first + i);
        }
    }

    void ask_size(uint32_t thread, uint32_t index) {
        scenario_.begin(thread);
        const uint64_t size = queue_.size();
        scenario_.note(thread, index, Call::size, 0, 0, static_cast<uint32_t>(size));
    }

    void pop_all(uint32_t thread) {
        const std::vector<Operation>& list = schedule_.lists[thread];
        for (uint32_t i = 0; i < list.size(); ++i) {
            news_.pass(list[i].pause);
            if (list[i].call == Call::size) {
                ask_size(thread, i);
            } else {
                pop(thread, i, list[i].call, list[i].count, true);
            }
        }
        // Drains until all pushers are done: some repeat their pushes until a popper makes room.
        const auto end = static_cast<uint32_t>(list.size());
        while (pushers_left_.load(std::memory_order_relaxed) != 0) {
            if (pop(thread, end, Call::pop_batch, schedule_.capacity, false) == 0) {
                std::this_thread::yield();
            }
        }
    }

    /// `is_nothing_noted`: is a call noted that gets nothing?
    uint32_t pop(uint32_t thread, uint32_t index, Call call, uint32_t count,
                 bool is_nothing_noted) {
        ReadyTask* tasks[batch_max] = {};
        scenario_.begin(thread);
        const uint32_t popped = pop_some(call, tasks, count);
        if (popped == 0 && !is_nothing_noted) {
            return 0;
        }
        scenario_.note(thread, index, call, 0, count, popped);
        for (uint32_t i = 0; i < popped && i < count; ++i) {
            scenario_.note_popped(thread, tasks[i], wipe(tasks[i]));
        }
        return popped;
    }

    uint32_t pop_some(Call call, ReadyTask** tasks, uint32_t count) {
        if (call == Call::pop) {
            tasks[0] = queue_.pop();
            return tasks[0] != nullptr;
        }
        if (call == Call::pop_batch) {
            return queue_.pop_batch(tasks, count);
        }
        uint64_t ticket = 0;
        const uint32_t popped = queue_.try_claim_pop(count, ticket);
        for (uint32_t i = 0; i < popped; ++i) {
            tasks[i] = queue_.take(ticket + i);
        }
        return popped;
    }

    static uint32_t wipe(ReadyTask* task) {
        if (!is_task(task)) {
            return 0;
        }
        const uint32_t mark = task->mark;
        task->mark = 0;
        return mark;
    }

    ReadyQueueWeaveScenario& scenario_;
    const ReadyQueueThreadsSchedule& schedule_;
    pto::ReadyQueue<ReadyTask> queue_;
    News news_;
    std::atomic<uint32_t> pushers_left_;
};

inline void ReadyQueueWeaveScenario::run() {
    begin_history();
    const auto run = std::make_unique<Run>(*this);
    std::vector<std::thread> threads;
    for (uint32_t i = 1; i < schedule_.threads(); ++i) {
        threads.emplace_back([&run, i] { run->thread(i); });
    }
    run->thread(0);
    for (std::thread& thread : threads) {
        thread.join();
    }
    run->finish();
}

}  // namespace fuzz
