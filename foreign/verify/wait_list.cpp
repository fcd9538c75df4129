// Bounded scenarios of another tree's wait list, for `./mailproof verify --subject`: a producer, an
// engine, and two threads that poll behind the gate that a scheduler thread has.
#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "foreign/known.h"
#include "foreign/under_test.h"
#include "tests/verify/scenario.h"

namespace {

using foreign::Feature;
using foreign::tree;

/// One task; on the heap, where weave sees plain accesses.
class Run final : public foreign::SchedulerCalls {
  public:
    Run() {
        constexpr uint64_t token = 1;
        constexpr bool has_descriptor = true;
        list_ = foreign::make_wait_list(*this, 1, &token, &has_descriptor);
        mailbox_->renew(0);
        list_->renew();
    }

    void push_condition() {
        [[maybe_unused]] const bool pushed =
            mailbox_->push_condition({1, reinterpret_cast<uintptr_t>(&counter_), 0, 1, 0, 0, 0});
        assert(pushed);
    }

    void push_normal_done() {
        [[maybe_unused]] const bool pushed = mailbox_->push_normal_done(1, list_->slot_address(0));
        assert(pushed);
    }

    void raise_counter() {
        data_ = 1;
        // Release: pairs with the acquire load with which the list reads the counter.
        std::atomic_ref<uint32_t>(counter_).store(1, std::memory_order_release);
    }

    /// A turn of a scheduler thread: it looks without the lock, then polls.
    void poll() {
        if (!foreign::tolerates("plain-count") && !mailbox_->has_pending() && list_->count() <= 0) {
            return;
        }
        int32_t error = 0;
        if (tree().has(Feature::poll)) {
            error = list_->poll(*mailbox_, true, {0}, false).error;
        } else if (list_->try_lock()) {
            error = list_->drain(*mailbox_, true, {0}).error;
            list_->unlock();
        }
        assert(error == 0);
    }

    void end() {
        poll();
        assert(completed_ == 1 && released_ == 1);
        assert(list_->count() == 0 && list_->is_lock_free() && !mailbox_->has_pending());
    }

    void completed(uint32_t) override {
        ++completed_;
        assert(completed_ == 1);
        // Plain: the engine wrote it before it raised the counter.
        assert(!waits_ || data_ == 1);
    }
    void released(uint32_t) override { ++released_; }

    void waits_for_its_counter() { waits_ = true; }

  private:
    std::unique_ptr<foreign::Mailbox> mailbox_ = foreign::make_mailbox();
    std::unique_ptr<foreign::WaitList> list_;
    alignas(8) uint32_t counter_ = 0;
    uint32_t data_ = 0;
    bool waits_ = false;
    // Guarded by the list's lock.
    uint32_t completed_ = 0;
    uint32_t released_ = 0;
};

/// A task without conditions completes inline, whichever thread drains.
void inline_task() {
    const auto run = std::make_unique<Run>();
    std::thread producer([&run] { run->push_normal_done(); });
    std::thread first([&run] { run->poll(); });
    std::thread second([&run] { run->poll(); });
    producer.join();
    first.join();
    second.join();
    run->end();
}

/// A task whose counter holds already, while threads poll.
template <int Pollers>
void waiting_task() {
    const auto run = std::make_unique<Run>();
    run->waits_for_its_counter();
    run->raise_counter();
    std::thread producer([&run] {
        run->push_condition();
        run->push_normal_done();
    });
    std::vector<std::thread> pollers;
    for (int i = 0; i < Pollers; ++i) {
        pollers.emplace_back([&run] { run->poll(); });
    }
    producer.join();
    for (std::thread& poller : pollers) {
        poller.join();
    }
    run->end();
}

/// Two threads poll a task whose messages are there and whose counter holds.
void two_pollers() {
    const auto run = std::make_unique<Run>();
    run->waits_for_its_counter();
    run->raise_counter();
    run->push_condition();
    run->push_normal_done();
    std::thread first([&run] { run->poll(); });
    std::thread second([&run] { run->poll(); });
    first.join();
    second.join();
    run->end();
}

/// An engine raises the counter while a thread polls.
void engine() {
    const auto run = std::make_unique<Run>();
    run->waits_for_its_counter();
    run->push_condition();
    run->push_normal_done();
    std::thread raise([&run] { run->raise_counter(); });
    std::thread first([&run] { run->poll(); });
    raise.join();
    first.join();
    run->end();
}

constexpr const char* once =
    "the task completes and is released once, with its counter raised; the gate is free of races";

// No number of executions is pinned: it depends on the tree.
constexpr verify::Scenario all[] = {
    {"wait_list/inline", once, "a task without conditions, 2 threads poll", 0, false, inline_task},
    {"wait_list/two_pollers", once, "a task whose messages are there, 2 threads poll", 0, false,
     two_pollers},
    {"wait_list/waiting", once, "a task with a condition that holds, a thread polls", 0, false,
     waiting_task<1>},
    {"wait_list/waiting_2", once, "a task with a condition that holds, 2 threads poll", 0, true,
     waiting_task<2>},
    {"wait_list/engine", once, "a task with a condition, an engine, a thread that polls", 0, false,
     engine},
};

/// What the tree can run.
constexpr std::span<const verify::Scenario> possible(bool has_poll, bool has_engine) {
    return std::span(all).first(!has_poll ? 1 : has_engine ? 5 : 4);
}

}  // namespace

std::span<const verify::Scenario> verify::scenarios() {
    return possible(tree().has(Feature::poll), !foreign::tolerates("plain-counters"));
}
