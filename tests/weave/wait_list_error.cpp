// The product's wait list and mailbox, unmodified, when two errors race: a thread that handles FINs
// reports twice that a task is done, another one registers a condition whose address is misaligned,
// and two threads poll until the run has ended.
//
//     early       a counter that has its value already; its NORMAL_DONE comes twice, of which the
//                 second is an error, whether the task still waits or has completed
//     late        no condition; pushed after that error by the same thread
//     misaligned  a counter at an odd address, an error when it is tested
//
// Asserted: the first error wins, and every thread that sees an error sees that one; nothing
// completes after it is set, neither the task that failed nor what is left in the ring; the error
// names the task of the condition; afterwards a drain takes nothing, and `busy` is free.
//
//     WEAVE_OPTIONS=mode=pct:executions=1000000 build/dev/bin/explored_wait_list_error
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

struct Task {
    pto::TaskDescriptor descriptor;
    Slot slot;

    void begin(uint64_t id) {
        descriptor.task_id = id;
        slot.task = &descriptor;
        slot.total_required_subtasks = 1;
    }
};

class WaitListErrorScenario final : public explored::Scheduler {
  public:
    WaitListErrorScenario() {
        early_.begin(1);
        late_.begin(2);
        misaligned_.begin(3);
    }

    void run() {
        std::thread twice([this] { report_a_task_done_twice(); });
        std::thread registration([this] { register_what_cannot_be_tested(); });
        std::thread poller([this] { poll_until_the_run_has_ended(); });
        std::thread competitor([this] { poll_until_the_run_has_ended(); });
        twice.join();
        registration.join();
        poller.join();
        competitor.join();
        check_end();
        check_that_nothing_moves();
    }

    void on_mixed_task_complete(Slot& slot, explored::LocalBuffer*) noexcept override {
        assert(&slot == &early_.slot);
        assert(!is_early_completed_);
        is_early_completed_ = true;
        assert(wait_list.error_code.load(std::memory_order_relaxed) == 0);
    }

    void on_task_release(Slot& slot) noexcept override {
        assert(&slot == &early_.slot);
        assert(is_early_completed_ && !is_early_released_);
        is_early_released_ = true;
    }

  private:
    void report_a_task_done_twice() {
        SchedulerThread thread(run_, *this);
        const bool continues =
            thread.push_condition(early_.descriptor.task_id, {address_of(counter_), 0, 0, 0,
                                                              pto::COMPLETION_TYPE_COUNTER, 0}) &&
            thread.finish_subtask(early_.slot) &&
            thread.push_normal_done(early_.descriptor.task_id, address_of(early_.slot));
        if (continues) {
            thread.finish_subtask(late_.slot);
        }
    }

    void register_what_cannot_be_tested() {
        SchedulerThread thread(run_, *this);
        const uint64_t odd_address = address_of(counter_) + 1;
        if (thread.push_condition(misaligned_.descriptor.task_id,
                                  {odd_address, 0, 0, 0, pto::COMPLETION_TYPE_COUNTER, 0})) {
            thread.finish_subtask(misaligned_.slot);
        }
    }

    void poll_until_the_run_has_ended() {
        SchedulerThread thread(run_, *this);
        while (!run_.state.is_stopped()) {
            if (thread.is_poll_due()) {
                check_failed_task(thread.poll());
            } else {
                std::this_thread::yield();
            }
        }
        assert(run_.state.status() < 0);  // the error came before the stop
    }

    /// The failed task is null for a message, for a task without NORMAL_DONE so far, and for an
    /// earlier error.
    void check_failed_task(const explored::WaitList::PollResult& result) {
        assert(result.failed_slot_state == nullptr ||
               (result.failed_slot_state == &misaligned_.slot &&
                result.error_code == pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID));
    }

    void check_end() {
        const int32_t error = wait_list.error_code.load();
        assert(error == pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID ||
               error == pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED);
        assert(run_.state.status() == -error);
        assert(run_.completed.load() == (is_early_completed_ ? 1 : 0));
        assert(is_early_released_ == is_early_completed_);
        assert(wait_list.busy.load() == 0);
    }

    void check_that_nothing_moves() {
        const uint64_t messages = wait_list.profile.messages.load();
        const int32_t waiting = wait_list.count.load();
        SchedulerThread thread(run_, *this);
        const explored::WaitList::PollResult result = thread.poll();
        assert(result.completed == 0);
        assert(result.error_code == wait_list.error_code.load());
        assert(result.failed_slot_state == nullptr);
        assert(wait_list.profile.messages.load() == messages);
        assert(wait_list.count.load() == waiting);
        assert(wait_list.busy.load() == 0);
    }

    Run run_;
    Task early_{};
    Task late_{};
    Task misaligned_{};
    uint32_t counter_ = 0;
    bool is_early_completed_ = false;
    bool is_early_released_ = false;
};

}  // namespace

int main() { std::make_unique<WaitListErrorScenario>()->run(); }
