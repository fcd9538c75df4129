// The wait list with its mailbox: tasks whose conditions an engine makes true, and threads that
// compete for `busy`.
#include <atomic>
#include <cassert>
#include <cstdint>
#include <cstdio>
#include <new>
#include <thread>

#include <fanout.h>
#include <run_state.h>
#include <task_slot.h>
#include <wait_list.h>

#include "scenario.h"
#include "small_platform.h"

namespace {

using Platform = verify::SmallPlatform<4>;
using Slot = pto::PTO2TaskSlotState<Platform>;
using WaitList = pto::AsyncWaitList<Platform>;
using Mailbox = WaitList::Mailbox;
using PollResult = WaitList::PollResult;

// Too large to construct in every execution: begin_list() makes it empty.
constinit WaitList list{};

void begin_list() {
    // Relaxed: an execution before this one may have ended while a thread held it.
    list.busy.store(0, std::memory_order_relaxed);
    list.reset_for_reuse();
}

template <class T>
uint64_t address_of(T& object) {
    return reinterpret_cast<uintptr_t>(&object);
}

/// Tasks 1 and 2, their mailbox, and the scheduler that the wait list completes them through.
class Run : public pto::CompletionScheduler<Platform> {
  public:
    static constexpr uint32_t tasks = 2;

    Run() {
        begin_list();
        mailbox.reset(0);
        for (uint32_t i = 0; i < tasks; ++i) {
            descriptors[i].task_id.raw = i + 1;
            slots[i].reset_for_reuse();
            slots[i].task = &descriptors[i];
            slots[i].total_required_subtasks = 1;
        }
    }

    /// Tells what has to hold when the task completes.
    virtual void check_completion(uint32_t) {}

    void on_mixed_task_complete(Slot& slot, WaitList::LocalBuffer*) noexcept override {
        const uint32_t number = static_cast<uint32_t>(&slot - slots);
        assert(number < tasks && ++completed[number] == 1);
        check_completion(number);
    }

    void on_task_release(Slot& slot) noexcept override {
        const uint32_t number = static_cast<uint32_t>(&slot - slots);
        assert(completed[number] == 1 && ++released[number] == 1);
    }

    PollResult poll() {
        int32_t count = 0;
        return list.poll_and_complete<false>(&mailbox, this, nullptr, count, 0);
    }

    bool push_condition(uint32_t task, const pto::DeferredCompletionEntry& condition) {
        return mailbox.try_push_condition(descriptors[task].task_id, condition.addr,
                                          condition.backend_cookie, condition.expected_value,
                                          condition.engine, condition.completion_type);
    }

    bool push_normal_done(uint32_t task) {
        return mailbox.try_push_normal_done(descriptors[task].task_id, address_of(slots[task]));
    }

    void end_clean(uint32_t completed_tasks) {
        for (uint32_t i = 0; i < tasks; ++i) {
            assert(completed[i] == (i < completed_tasks ? 1 : 0) && released[i] == completed[i]);
        }
        assert(list.count.load() == 0 && list.error_code.load() == 0 && list.busy.load() == 0);
        assert(!mailbox.has_pending());
    }

    Mailbox mailbox{};
    pto::TaskDescriptor descriptors[tasks]{};
    Slot slots[tasks]{};
    // Written under the list's lock.
    int completed[tasks] = {};
    int released[tasks] = {};

  protected:
    ~Run() = default;
};

pto::DeferredCompletionEntry counter_at(uint64_t address, uint32_t value) {
    return {address, 0, value, 0, pto::COMPLETION_TYPE_COUNTER, 0};
}

/// A task that waits for an engine, and two threads that poll.
class TwoPollers final : public Run {
  public:
    void check_completion(uint32_t) override { assert(data_ == 42); }

    void run() {
        assert(push_condition(0, counter_at(address_of(counter_), 1)) && push_normal_done(0));
        std::thread engine([this] {
            data_ = 42;
            // Release: pairs with the acquire load by which the condition is tested.
            std::atomic_ref<uint32_t>(counter_).store(1, std::memory_order_release);
        });
        std::thread first([this] { poll(); });
        std::thread second([this] { poll(); });
        engine.join();
        first.join();
        second.join();
        poll();
        end_clean(1);
    }

  private:
    int data_ = 0;  ///< plain: the engine's transfer
    uint32_t counter_ = 0;
};

/// A run beside whose main thread another one logs how the list stands.
class BesideLog : public Run {
  protected:
    std::thread log() {
        return std::thread([this] {
            std::FILE* const out = std::fopen("/dev/null", "w");
            assert(out != nullptr);
            list.log_diagnostics(&mailbox, "a look", /*warn=*/false, out);
            std::fclose(out);
        });
    }
    ~BesideLog() = default;
};

/// A thread pushes and polls while another one logs.
class Logged final : public BesideLog {
  public:
    void run() {
        std::thread other = log();
        assert(push_condition(0, counter_at(address_of(counter_), 1)) && push_normal_done(0));
        poll();
        other.join();
        poll();
        end_clean(1);
    }

  private:
    uint32_t counter_ = 1;
};

/// A poll meets a wrong message while another thread logs.
class LoggedError final : public BesideLog {
  public:
    void run() {
        std::thread other = log();
        assert(push_condition(0, counter_at(1, 1)));
        poll();
        other.join();
        assert(poll().error_code == pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID);
    }
};

/// Two subtasks finish on two threads, one of them leaves a condition; a third thread polls, and a
/// fourth depends on the task.
class TwoSubtasks final : public Run {
  public:
    void check_completion(uint32_t) override { assert(outputs_[0] == 1 && outputs_[1] == 2); }

    void run() {
        slots[0].total_required_subtasks = 2;
        std::thread first([this] {
            outputs_[0] = 1;
            assert(push_condition(0, counter_at(address_of(counter_), 0)));
            finish();
        });
        std::thread second([this] {
            outputs_[1] = 2;
            finish();
        });
        std::thread poller([this] { poll(); });
        std::thread consumer([this] {
            // Acquire: pairs with the release by which the wait list completes the task.
            if (slots[0].task_state.load(std::memory_order_acquire) == pto::PTO2_TASK_COMPLETED) {
                assert(outputs_[0] == 1 && outputs_[1] == 2);
            }
        });
        first.join();
        second.join();
        poller.join();
        consumer.join();
        poll();
        end_clean(1);
    }

  private:
    void finish() {
        if (slots[0].on_subtask_complete()) {
            assert(push_normal_done(0));
        }
    }

    int outputs_[2] = {};  ///< plain: what the subtasks wrote
    uint32_t counter_ = 0;
};

/// A task completes in a poll while another task is made to depend on it.
class Attach final : public Run {
  public:
    void check_completion(uint32_t number) override {
        // Takes its consumers, as a scheduler does.
        has_consumer_ = pto::complete_and_take_consumers(slots[number]) != nullptr;
    }

    void run() {
        node_.consumer = &slots[1];
        std::thread fin([this] {
            output_ = 42;
            assert(push_condition(0, counter_at(address_of(counter_), 0)) && push_normal_done(0));
            poll();
        });
        bool is_attached = false;
        std::thread submitter([this, &is_attached] {
            is_attached = pto::attach_consumer(slots[0], descriptors[0].task_id, node_);
            assert(is_attached || output_ == 42);
        });
        fin.join();
        submitter.join();
        assert(has_consumer_ == is_attached);
        end_clean(1);
    }

  private:
    int output_ = 0;  ///< plain: what the task wrote
    uint32_t counter_ = 0;
    pto::FanoutNode<Platform> node_{};
    bool has_consumer_ = false;
};

/// The list is full of tasks that wait, and a 65th one comes while two threads poll.
class Overflow final : public Run {
  public:
    void run() {
        // As 64 messages would, each of which has a compare-exchange that may fail.
        for (int32_t i = 0; i < pto::MAX_ASYNC_WAITS; ++i) {
            list.entries[i] = {};
            list.entries[i].task_token.raw = 1000 + static_cast<uint64_t>(i);
        }
        list.count.store(pto::MAX_ASYNC_WAITS);
        std::thread producer([this] { push_condition(0, counter_at(address_of(never_), 1)); });
        std::thread poller([this] { check(poll()); });
        producer.join();
        poller.join();
        const PollResult last = poll();
        assert(last.error_code == pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW);
        assert(list.count.load() == pto::MAX_ASYNC_WAITS && list.busy.load() == 0);
        assert(completed[0] == 0);
    }

  private:
    static void check(const PollResult& result) {
        assert(result.completed == 0);
        assert(result.error_code == 0 || result.error_code == pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW);
    }

    uint32_t never_ = 0;
};

/// Two wrong messages on two threads, and a poller beside the main thread: the first error wins.
class RacingErrors final : public Run {
  public:
    void run() {
        std::thread first(
            [this] { assert(push_condition(0, counter_at(address_of(counter_) + 1, 0))); });
        std::thread second([this] {
            assert(mailbox.try_push_normal_done(descriptors[1].task_id, address_of(slots[1]) + 1));
        });
        PollResult seen{};
        std::thread poller([this, &seen] { seen = poll(); });
        first.join();
        second.join();
        poller.join();
        const PollResult last = poll();
        assert(last.error_code == pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED ||
               last.error_code == pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID);
        assert(seen.error_code == 0 || seen.error_code == last.error_code);
        assert(poll().error_code == last.error_code);
        assert(completed[0] == 0 && completed[1] == 0 && list.busy.load() == 0);
    }

  private:
    uint32_t counter_ = 0;
};

template <class Subject>
void run() {
    Subject().run();
}

constexpr const char* once = "a task completes once, after its subtasks and conditions";

constexpr verify::Scenario all[] = {
    {"wait_list/two_pollers", once, "1 task with a condition, an engine, 2 pollers", 10, false,
     run<TwoPollers>},
    {"wait_list/two_subtasks", once,
     "2 subtasks on 2 threads, one with a condition, a poller, a dependent thread", 12, false,
     run<TwoSubtasks>},
    {"wait_list/attach", "a task that is found completed has written its output",
     "1 task completes in a poll while its consumer is submitted", 11, false, run<Attach>},
    {"wait_list/overflow", "a 65th waiting task is an error, and nothing completes after it",
     "64 waiting tasks, then a producer and a poller", 2, false, run<Overflow>},
    {"wait_list/racing_errors", "the first error wins, and every thread sees that one",
     "2 wrong messages on 2 threads, a poller", 14, false, run<RacingErrors>},
    {"wait_list/log_error", "the state may be logged beside a thread that meets an error",
     "a wrong message, a poll, one log", 36, false, run<LoggedError>},
    {"wait_list/log", "the state may be logged beside threads that push and poll",
     "1 task with a condition, a poll, one log", 42, false, run<Logged>},
};

}  // namespace

std::span<const verify::Scenario> verify::scenarios() { return all; }
