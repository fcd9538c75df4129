// A mailbox and a wait list of another tree with their threads: producers push a few tasks,
// pollers compete for the lock behind the gate that a scheduler thread has, an engine raises the
// counters. Plain C++: it runs on real threads and under weave.
//
// Asserted: each task completes and is released exactly once, and not before the engine has raised
// its counter; at the end nothing waits, nothing is pending, and the lock is free.
#pragma once

#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "foreign/calls.h"
#include "foreign/known.h"
#include "foreign/under_test.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/schedule_format.h"

namespace foreign {

/// Counts of what threads met, summed over all executions.
struct WaitListMeetings {
    uint64_t gate_by_count = 0;  ///< a poll that the list's count let in, and no message
    uint64_t in_vain = 0;        ///< a poll that completed nothing

    std::vector<fuzz::StateCount> states() const {
        return {{"a poll let in by the count alone", gate_by_count},
                {"a poll that completed nothing", in_vain}};
    }
};

struct WaitListScenario {
    static constexpr uint32_t tasks_max = 3;
    static constexpr uint32_t pollers_max = 2;

    // Header: version, tasks, producers, pollers, which tasks have a condition; what follows is the
    // schedule, a byte a choice.
    static constexpr fuzz::ScheduleFormat format{.header_bytes = 5, .record_bytes = 1};

    uint32_t tasks;
    uint32_t producers;
    uint32_t pollers;
    uint32_t deferred;  ///< bit i: task i has a condition
    fuzz::Bytes schedule;

    static WaitListScenario decode(fuzz::Bytes input) {
        const auto header = [&](size_t i) { return format.header_byte(input, i); };
        WaitListScenario scenario{};
        scenario.tasks = 1u + header(1) % tasks_max;
        scenario.producers = 1u + header(2) % 2;
        scenario.pollers = 1u + header(3) % pollers_max;
        scenario.deferred = tree().has(Feature::poll) ? header(4) % (1u << tasks_max) : 0;
        const size_t choices = format.record_count(input);
        scenario.schedule =
            choices == 0 ? fuzz::Bytes() : input.subspan(format.header_bytes, choices);
        write_call_file([&] { return scenario.calls(); });
        return scenario;
    }

    std::string calls() const {
        return "tasks " + std::to_string(tasks) + "\nproducers " + std::to_string(producers) +
               "\npollers " + std::to_string(pollers) + "\ndeferred " + std::to_string(deferred) +
               "\n";
    }

    static std::string describe(fuzz::Bytes input);
    static std::vector<fuzz::Seed> seeds();
    static std::vector<fuzz::Seed> benchmark_inputs() { return {}; }

    /// The fewest steps of a run: each NORMAL_DONE is published and looked at.
    uint64_t steps_min() const { return 2 * uint64_t{tasks}; }

    void run(WaitListMeetings& meetings) const;
};

/// One run, on the heap: weave does not see plain accesses to what is on a thread's own stack.
class WaitListRun final : public SchedulerCalls {
  public:
    explicit WaitListRun(const WaitListScenario& scenario) : scenario_(scenario) {
        constexpr uint64_t tokens[] = {1, 2, 3};
        constexpr bool has_descriptor[] = {true, true, true};
        static_assert(std::size(tokens) == WaitListScenario::tasks_max);
        list_ = make_wait_list(*this, scenario.tasks, tokens, has_descriptor);
        mailbox_->renew(0);
        list_->renew();
    }

    void run(WaitListMeetings& meetings) {
        std::vector<std::thread> threads;
        for (uint32_t i = 0; i < scenario_.producers; ++i) {
            threads.emplace_back([this, i] { produce(i); });
        }
        for (uint32_t i = 0; i + 1 < scenario_.pollers; ++i) {
            threads.emplace_back([this] { poll_a_few_times(met_by_other_); });
        }
        if (has_engine_) {
            threads.emplace_back([this] { raise_counters(); });
        } else {
            raise_counters();
        }
        poll_a_few_times(met_);
        for (std::thread& thread : threads) {
            thread.join();
        }
        // Alone, so that one poll does all that is left.
        poll(met_);
        check_end();
        meetings.gate_by_count += met_.gate_by_count + met_by_other_.gate_by_count;
        meetings.in_vain += met_.in_vain + met_by_other_.in_vain;
    }

    void completed(uint32_t task) override {
        ++completed_[task];
        assert(completed_[task] == 1);
        // Plain: the engine wrote it before it raised the counter.
        assert(!is_deferred(task) || data_[task] == task + 1);
    }
    void released(uint32_t task) override {
        ++released_[task];
        assert(completed_[task] == 1 && released_[task] == 1);
    }

  private:
    bool is_deferred(uint32_t task) const { return (scenario_.deferred >> task & 1u) != 0; }

    void produce(uint32_t producer) {
        for (uint32_t task = producer; task < scenario_.tasks; task += scenario_.producers) {
            if (is_deferred(task)) {
                const Message condition{
                    task + 1u, reinterpret_cast<uintptr_t>(&counters_[task]), 0, 1, 0, 0, 0};
                [[maybe_unused]] const bool pushed = mailbox_->push_condition(condition);
                assert(pushed);
            }
            [[maybe_unused]] const bool pushed =
                mailbox_->push_normal_done(task + 1u, list_->slot_address(task));
            assert(pushed);
        }
    }

    void raise_counters() {
        for (uint32_t task = 0; task < scenario_.tasks; ++task) {
            data_[task] = task + 1;
            // Release: pairs with the acquire load with which the list reads the counter.
            std::atomic_ref<uint32_t>(counters_[task]).store(1, std::memory_order_release);
        }
    }

    /// Bounded: a thread that polls until something has come writes the lock every time, so that
    /// for some schedules it would never end.
    void poll_a_few_times(WaitListMeetings& met) {
        constexpr int polls = 6;
        for (int i = 0; i < polls; ++i) {
            poll(met);
        }
    }

    void poll(WaitListMeetings& met) {
        if (gate_lets_in(met)) {
            consume(met);
        }
        std::this_thread::yield();
    }

    /// The gate of a scheduler thread: it looks without the lock.
    bool gate_lets_in(WaitListMeetings& met) {
        if (!is_gate_possible_) {
            return true;
        }
        if (mailbox_->has_pending()) {
            return true;
        }
        const bool waits = list_->count() > 0;
        met.gate_by_count += waits;
        return waits;
    }

    void consume(WaitListMeetings& met) {
        if (tree().has(Feature::poll)) {
            const Outcome outcome = list_->poll(*mailbox_, true, {0}, false);
            assert(outcome.error == 0);
            met.in_vain += outcome.completed == 0;
        } else if (list_->try_lock()) {
            const Outcome outcome = list_->drain(*mailbox_, true, {0});
            list_->unlock();
            assert(outcome.error == 0);
            met.in_vain += outcome.completed == 0;
        }
    }

    void check_end() {
        assert(list_->is_lock_free());
        assert(list_->count() == 0);
        assert(!mailbox_->has_pending());
        for (uint32_t task = 0; task < scenario_.tasks; ++task) {
            assert(completed_[task] == 1 && released_[task] == 1);
        }
    }

    const WaitListScenario& scenario_;
    const bool is_gate_possible_ = !tolerates("plain-count");
    const bool has_engine_ = !tolerates("plain-counters");
    std::unique_ptr<Mailbox> mailbox_ = make_mailbox();
    std::unique_ptr<WaitList> list_;
    alignas(8) uint32_t counters_[WaitListScenario::tasks_max] = {};
    uint32_t data_[WaitListScenario::tasks_max] = {};
    // Guarded by the list's lock.
    uint32_t completed_[WaitListScenario::tasks_max] = {};
    uint32_t released_[WaitListScenario::tasks_max] = {};
    WaitListMeetings met_;
    WaitListMeetings met_by_other_;
};

inline void WaitListScenario::run(WaitListMeetings& meetings) const {
    std::make_unique<WaitListRun>(*this)->run(meetings);
}

}  // namespace foreign
