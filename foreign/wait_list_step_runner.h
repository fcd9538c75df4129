// Runs a wait list schedule on the list and the mailbox of another tree, one call at a time
// on one thread, and records what every call did. Judges nothing. As WaitListBench does with ours.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "foreign/under_test.h"
#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace foreign {

using fuzz::WaitListCall;
using fuzz::WaitListEvent;
using fuzz::WaitListOperation;

class WaitListRunner final : public SchedulerCalls {
  public:
    WaitListRunner() {
        std::array<uint64_t, fuzz::tasks_max> tokens{};
        std::array<bool, fuzz::tasks_max> has_descriptor{};
        for (uint32_t task = 0; task < fuzz::tasks_max; ++task) {
            tokens[task] = fuzz::task_token(task);
            has_descriptor[task] = fuzz::has_descriptor(task);
        }
        list_ = make_wait_list(*this, fuzz::tasks_max, tokens.data(), has_descriptor.data());
    }

    void run(const fuzz::WaitListStepSchedule& schedule, fuzz::WaitListStepHistory& history) {
        history_ = &history;
        history.clear();
        release_ = {schedule.release_capacity};
        mailbox_->renew(schedule.first_ticket);
        list_->renew();
        memory_ = {};
        gap_is_open_ = false;
        first_error_ = 0;
        for (uint32_t i = 0; i < schedule.operations.size(); ++i) {
            const WaitListOperation& op = schedule.operations[i];
            WaitListEvent event{};
            event.operation = i;
            event.failed_task = fuzz::no_task;
            perform(op, event);
            observe(op, event);
            history.events.push_back(event);
        }
        snapshot();
    }

    void completed(uint32_t task) override { history_->scheduler_calls.push_back({task, false}); }
    void released(uint32_t task) override { history_->scheduler_calls.push_back({task, true}); }

  private:
    void perform(const WaitListOperation& op, WaitListEvent& event) {
        switch (op.call) {
            case WaitListCall::push_condition:
                event.taken = mailbox_->push_condition(condition(op.task, op.condition));
                return;
            case WaitListCall::push_conditions:
                event.taken = push_run(op);
                return;
            case WaitListCall::push_for_each_task:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken += mailbox_->push_condition(
                        condition((op.task + i) % fuzz::tasks_max, op.condition));
                }
                return;
            case WaitListCall::push_normal_done:
                event.taken = push_normal_done(op.task, op.slot);
                return;
            case WaitListCall::push_normal_dones:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken +=
                        push_normal_done((op.task + i) % fuzz::tasks_max, fuzz::SlotChoice::own);
                }
                return;
            case WaitListCall::push_registration:
                // No other tree has this call; the schedules leave it out.
                return;
            case WaitListCall::push_unknown_kind:
                event.taken = push_unknown_kind(op);
                return;
            case WaitListCall::leave_gap:
                leave_gap(event);
                return;
            case WaitListCall::fill_gap:
                fill_gap(op, event);
                return;
            case WaitListCall::drain:
            case WaitListCall::drain_with_sink:
                drain(op.call == WaitListCall::drain_with_sink, event);
                return;
            case WaitListCall::poll:
            case WaitListCall::poll_without_scheduler:
                poll(op.call == WaitListCall::poll, event);
                return;
            case WaitListCall::poll_while_busy:
                list_->try_lock();
                poll(true, event);
                list_->unlock();
                return;
            case WaitListCall::set_counter:
                memory_.counters[op.task] = op.value;
                return;
            case WaitListCall::set_record:
                memory_.records[op.task] = op.record_value;
                return;
            case WaitListCall::complete_elsewhere:
                list_->complete_elsewhere(op.task);
                return;
            case WaitListCall::flush_releases:
                list_->flush_releases();
                return;
            case WaitListCall::start_over:
                start_over();
                return;
        }
    }

    Message condition(uint32_t task, const fuzz::Condition& c, uint32_t kind = 0) {
        return {fuzz::task_token(task),
                address_of(c, memory_),
                c.backend_cookie,
                c.expected_value,
                c.engine,
                c.type,
                kind};
    }

    uint32_t push_run(const WaitListOperation& op) {
        constexpr uint32_t slab_max = 64;
        std::vector<Message> messages;
        for (uint32_t i = 0; i < std::min(op.count, slab_max); ++i) {
            messages.push_back(condition(op.task, fuzz::condition_of_run(op.condition, i)));
        }
        return mailbox_->push_conditions(messages.data(), static_cast<uint32_t>(messages.size()));
    }

    uint32_t push_normal_done(uint32_t task, fuzz::SlotChoice choice) {
        const uint32_t owner =
            choice == fuzz::SlotChoice::of_next_task ? (task + 1) % fuzz::tasks_max : task;
        uint64_t slot = choice == fuzz::SlotChoice::null ? 0 : list_->slot_address(owner);
        slot += choice == fuzz::SlotChoice::misaligned ? 8 : 0;
        return mailbox_->push_normal_done(fuzz::task_token(task), slot);
    }

    uint32_t push_unknown_kind(const WaitListOperation& op) {
        uint64_t ticket = 0;
        if (mailbox_->claim(1, ticket) == 0) {
            return 0;
        }
        mailbox_->publish(ticket, condition(op.task, op.condition, op.count));
        return 1;
    }

    void leave_gap(WaitListEvent& event) {
        if (!gap_is_open_) {
            event.taken = mailbox_->claim(1, gap_);
            gap_is_open_ = event.taken != 0;
        }
    }

    void fill_gap(const WaitListOperation& op, WaitListEvent& event) {
        if (gap_is_open_) {
            mailbox_->publish(gap_, condition(op.task, op.condition));
            event.taken = 1;
            gap_is_open_ = false;
        }
    }

    void drain(bool has_sink, WaitListEvent& event) {
        list_->try_lock();
        const Outcome outcome = list_->drain(*mailbox_, has_sink, release_);
        list_->unlock();
        event.taken = outcome.taken;
        event.completed = outcome.completed;
        report(outcome, event);
    }

    void poll(bool has_scheduler, WaitListEvent& event) {
        // Profiling must make no difference; every other poll has it.
        const bool is_profiling = event.operation % 2 != 0;
        const Outcome outcome = list_->poll(*mailbox_, has_scheduler, release_, is_profiling);
        event.completed = outcome.completed;
        event.failed_task = outcome.failed_task;
        report(outcome, event);
    }

    void report(const Outcome& outcome, WaitListEvent& event) {
        event.error = outcome.error;
        first_error_ = first_error_ == 0 ? outcome.error : first_error_;
    }

    void start_over() {
        if (gap_is_open_) {
            return;
        }
        mailbox_->restart();
        list_->forget_releases();
        list_->reset_for_reuse();
        first_error_ = 0;
    }

    void observe(const WaitListOperation& op, WaitListEvent& event) {
        event.waiting_tasks = static_cast<uint32_t>(list_->count());
        event.sticky_error = list_->error_code(first_error_);
        event.releases_buffered = list_->releases_buffered();
        event.calls_to_scheduler = static_cast<uint32_t>(history_->scheduler_calls.size());
        event.lock_is_free = list_->is_lock_free();
        Entry entry{};
        if (list_->find(fuzz::task_token(op.task), entry)) {
            event.task_waits = true;
            event.task_is_normal_done = entry.is_normal_done;
            event.task_conditions = entry.conditions;
            event.task_conditions_open = entry.conditions_open;
        }
    }

    void snapshot() {
        for (int32_t i = 0; i < std::min(list_->count(), entries_max); ++i) {
            const Entry entry = list_->entry(i);
            history_->waiting_at_end.push_back(
                {static_cast<uint32_t>(entry.token), entry.slot_of_task, entry.is_normal_done,
                 entry.conditions, entry.conditions_open, entry.satisfied, entry.retired});
        }
        history_->memory_at_end = memory_;
        for (uint32_t task = 0; task < fuzz::tasks_max; ++task) {
            history_->task_state_at_end[task] = list_->task_state(task);
        }
    }

    static constexpr int32_t entries_max = 64;

    fuzz::WaitListStepHistory* history_ = nullptr;
    std::unique_ptr<Mailbox> mailbox_ = make_mailbox();
    std::unique_ptr<WaitList> list_;
    Release release_{};
    fuzz::EngineMemory memory_{};
    /// What a tree that keeps no error has reported first.
    int32_t first_error_ = 0;
    uint64_t gap_ = 0;
    bool gap_is_open_ = false;
};

}  // namespace foreign
