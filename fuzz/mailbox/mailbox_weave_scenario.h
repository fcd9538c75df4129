// Producers and consumers of a small mailbox under weave. The calls are those of mailbox_threads,
// and so are the history and the oracle; when they happen is up to the input as well.
//
// Bytes: 0 version | 1 capacity | 2 start ticket, neighbourhood | 3 start ticket, distance |
// 4 threads, as in mailbox_threads | 5 bit 0: sequentially consistent memory; bits 1-2: once,
// or again after a restart, or after a reset; bits 3-5: messages that a restart has dropped before
// | 6 number of operations | operations, each a record of mailbox_threads; then choices, a byte
// each.
//
// A brief pause tells and a long one looks: what a thread did before it told happens before what
// another does after it has looked, if it saw that.
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
#include "fuzz/kit/moments.h"
#include "fuzz/kit/news.h"
#include "fuzz/mailbox/mailbox_threads_history.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "fuzz/mailbox/registration_views.h"
#include "src/runtime/mailbox.h"

namespace fuzz {

/// One scenario, explored again and again. Not thread-safe, but for what run() does.
class MailboxWeaveScenario {
  public:
    static constexpr size_t operations_max = 16;
    static constexpr ScheduleFormat format{.header_bytes = 7 + 2 * operations_max,
                                           .record_bytes = 1,
                                           .operation_bytes = 2,
                                           .operations_max = operations_max,
                                           .wishes_max = explored_wishes_max};

    /// Replaces `*this` by what the bytes say; every byte string is a scenario.
    void decode(Bytes input);

    Bytes choices() const { return choices_; }
    bool is_sc() const { return is_sc_; }
    /// The fewest steps of an execution: what is pushed until it is taken is claimed and published.
    uint64_t steps_min() const;
    const MailboxThreadsSchedule& schedule() const { return schedule_; }

    /// One execution: runs all threads, and drains the ring when they are done.
    void run();
    /// What the contract does not allow in the execution that has just ended.
    std::optional<Finding> judge() const;
    /// What happens at a point that the last execution has marked.
    std::string point_text(uint64_t point) const;

    /// The same calls as an input of mailbox_threads.
    static std::vector<uint8_t> threads_input(Bytes input);
    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();

  private:
    enum class Again : uint8_t { no, after_restart, after_reset };

    template <uint32_t Capacity>
    class Run;
    using Call = MailboxThreadsCall;
    using Operation = MailboxThreadsOperation;

    // Not instrumented, as are all functions that are not defined here.
    void begin_history() noexcept;
    static const pto::DeferredCompletionEntry* payload(uint32_t number) noexcept;
    static uint64_t token(uint32_t number) noexcept;
    static uint64_t slot_state(uint32_t number) noexcept;
    /// A call of the thread begins now.
    void begin(uint32_t thread) noexcept;
    /// It has ended; records it.
    void note(uint32_t thread, uint32_t operation, Call call, uint32_t first, uint32_t count,
              uint32_t result, uint32_t views = 0) noexcept;
    /// Records a view that the last call of a consumer got.
    void note_popped(uint32_t thread, const pto::AICoreCompletionMsgView& view) noexcept;

    Bytes choices_;
    bool is_sc_ = false;
    Again again_ = Again::no;
    uint32_t dropped_ = 0;
    MailboxThreadsSchedule schedule_;
    MailboxThreadsHistory history_;
    std::array<uint64_t, threads_max> begins_{};
};

/// One execution's ring and threads, on the heap: weave does not see plain accesses to what is on a
/// thread's own stack.
template <uint32_t Capacity>
class MailboxWeaveScenario::Run {
  public:
    explicit Run(MailboxWeaveScenario& scenario)
        : scenario_(scenario), schedule_(scenario.schedule_) {
        mailbox_.reset(schedule_.first_ticket - scenario.dropped_);
        for (uint32_t i = 0; i < scenario.dropped_; ++i) {
            const pto::DeferredCompletionEntry* const p = payload(i);
            mailbox_.try_push_condition(~uint64_t{0}, p->addr, p->expected_value, p->engine,
                                        p->completion_type);
        }
        mailbox_.restart();
    }

    void run() {
        run_threads();
        if (scenario_.again_ == Again::no) {
            return;
        }
        if (scenario_.again_ == Again::after_restart) {
            mailbox_.restart();
        } else {
            mailbox_.reset(schedule_.first_ticket);
        }
        run_threads();
    }

  private:
    /// The most slots that a pop asks for.
    static constexpr uint32_t batch_max = 9;
    static_assert(Capacity < batch_max);

    void run_threads() {
        // Relaxed: the threads that read it are created after it.
        producers_left_.store(schedule_.producers, std::memory_order_relaxed);
        std::vector<std::thread> threads;
        for (uint32_t i = 1; i < schedule_.threads(); ++i) {
            threads.emplace_back([this, i] { thread(i); });
        }
        thread(0);
        for (std::thread& thread : threads) {
            thread.join();
        }
        const auto end = static_cast<uint32_t>(schedule_.lists[0].size());
        pop(0, end, Call::consume, Capacity + 1, true);
        ask_pending(0, end);
    }

    void thread(uint32_t index) {
        if (index < schedule_.consumers) {
            consume(index);
        } else {
            produce(index);
        }
    }

    void produce(uint32_t thread) {
        const std::vector<Operation>& list = schedule_.lists[thread];
        for (uint32_t i = 0; i < list.size(); ++i) {
            news_.pass(list[i].pause);
            perform_push(thread, i, list[i]);
        }
        // Relaxed: it must not order what the ring has to order.
        producers_left_.fetch_sub(1, std::memory_order_relaxed);
    }

    void perform_push(uint32_t thread, uint32_t index, const Operation& op) {
        switch (op.call) {
            case Call::has_pending:
                return ask_pending(thread, index);
            case Call::push_condition_until_taken:
                return push_until_taken(thread, index, Call::push_condition, 1);
            case Call::push_conditions_until_taken:
                return push_until_taken(thread, index, Call::push_conditions, op.count);
            case Call::push_registration_until_taken:
                return push_until_taken(thread, index, Call::push_registration, op.count);
            default:
                break;
        }
        const bool is_of_several =
            op.call == Call::push_conditions || op.call == Call::push_registration;
        const uint32_t count = is_of_several ? op.count : 1;
        const uint32_t first = message_number(thread, next_[thread]);
        scenario_.begin(thread);
        const uint32_t taken = push(op.call, first, count);
        next_[thread] += taken;
        scenario_.note(thread, index, op.call, first, count, taken);
    }

    /// A refusal and what follows it are one call, so that a thread that waits does nothing new.
    void push_until_taken(uint32_t thread, uint32_t index, Call call, uint32_t count) {
        for (uint32_t left = count; left != 0;) {
            const uint32_t first = message_number(thread, next_[thread]);
            scenario_.begin(thread);
            uint32_t taken = push(call, first, left);
            while (taken == 0) {
                std::this_thread::yield();
                taken = push(call, first, left);
            }
            scenario_.note(thread, index, call, first, left, taken);
            next_[thread] += taken;
            left -= taken < left ? taken : left;
        }
    }

    uint32_t push(Call call, uint32_t first, uint32_t count) {
        const pto::DeferredCompletionEntry* const p = payload(first);
        if (call == Call::push_conditions) {
            return mailbox_.try_push_conditions(token(first), p, count);
        }
        if (call == Call::push_registration) {
            return mailbox_.try_push_registration(token(first), slot_state(first), p, count) ? count
                                                                                             : 0;
        }
        if (call == Call::push_condition) {
            return mailbox_.try_push_condition(token(first), p->addr, p->backend_cookie,
                                               p->expected_value, p->engine, p->completion_type);
        }
        return mailbox_.try_push_normal_done(token(first), p->addr);
    }

    void ask_pending(uint32_t thread, uint32_t index) {
        scenario_.begin(thread);
        const bool is_pending = mailbox_.has_pending();
        scenario_.note(thread, index, Call::has_pending, 0, 0, is_pending);
    }

    void consume(uint32_t thread) {
        const std::vector<Operation>& list = schedule_.lists[thread];
        for (uint32_t i = 0; i < list.size(); ++i) {
            news_.pass(list[i].pause);
            if (list[i].call == Call::has_pending) {
                ask_pending(thread, i);
            } else {
                lock();
                pop(thread, i, list[i].call, list[i].call == Call::pop ? 1 : list[i].count, true);
                unlock();
            }
        }
        // Drains until all producers are done: some repeat their pushes until there is room.
        const auto end = static_cast<uint32_t>(list.size());
        while (producers_left_.load(std::memory_order_relaxed) != 0) {
            if (mailbox_.has_pending()) {
                lock();
                pop(thread, end, Call::consume, Capacity, false);
                unlock();
            }
            std::this_thread::yield();
        }
    }

    void lock() {
        int expected = 0;
        // Acquire: pairs with the release store in unlock(); consumers are totally ordered.
        while (!busy_.compare_exchange_strong(expected, 1, std::memory_order_acquire,
                                              std::memory_order_relaxed)) {
            expected = 0;
            std::this_thread::yield();
        }
    }
    void unlock() {
        // Release: pairs with the acquire exchange in lock().
        busy_.store(0, std::memory_order_release);
    }

    /// `is_nothing_noted`: is a call noted that gets nothing?
    void pop(uint32_t thread, uint32_t index, Call call, uint32_t count, bool is_nothing_noted) {
        pto::AICoreCompletionMsgView views[views_max(batch_max)];
        uint32_t came_out = 0;
        uint32_t result = 0;
        scenario_.begin(thread);
        if (call == Call::pop) {
            result = came_out = mailbox_.try_pop(views[0]);
        } else if (call == Call::pop_batch) {
            result = mailbox_.try_pop_batch(views, count);
            came_out = result < count ? result : count;
        } else {
            const auto take = [&](const pto::AICoreCompletionMsgView& view) {
                views[came_out++] = view;
            };
            result = mailbox_.consume(count, ViewVisitor(count, take));
        }
        if (result == 0 && !is_nothing_noted) {
            return;
        }
        scenario_.note(thread, index, call, 0, count, result, came_out);
        for (uint32_t i = 0; i < came_out; ++i) {
            scenario_.note_popped(thread, views[i]);
        }
    }

    MailboxWeaveScenario& scenario_;
    const MailboxThreadsSchedule& schedule_;
    pto::AICoreCompletionMailbox<Capacity> mailbox_;
    News news_;
    std::atomic<int> busy_ = 0;
    std::atomic<uint32_t> producers_left_ = 0;
    uint32_t next_[threads_max] = {};
};

inline void MailboxWeaveScenario::run() {
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
