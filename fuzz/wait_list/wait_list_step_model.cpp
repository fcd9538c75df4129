// Runs a schedule on the model of the wait list; see the header.
#include "fuzz/wait_list/wait_list_step_model.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "fuzz/wait_list/wait_list_model.h"

namespace fuzz {
namespace {

using Kind = WaitListMessage::Kind;
using State = WaitListState;

/// The tasks of a schedule, their slots and the release buffer.
class StepTasks final : public WaitListTasks {
  public:
    void reset(const WaitListStepSchedule& schedule, std::vector<SchedulerCall>& calls,
               StateCounters<State>& counters) {
        release_capacity_ = static_cast<size_t>(schedule.release_capacity);
        calls_ = &calls;
        counters_ = &counters;
        begin_run();
    }

    void begin_run() {
        states_.fill(0);
        releases_size_ = 0;
        completed_ = 0;
    }

    uint64_t slot_of(const WaitListMessage& message) override {
        const auto task = static_cast<uint32_t>(message.task);
        switch (static_cast<SlotChoice>(message.slot)) {
            case SlotChoice::own:
                return task;
            case SlotChoice::null:
                counters_->reached(State::null_slot);
                return no_task;
            case SlotChoice::misaligned:
                counters_->reached(State::misaligned_slot);
                return no_task;
            case SlotChoice::of_next_task:
                break;
        }
        // Without a descriptor nothing shows that the slot is another task's.
        const uint32_t owner = (task + 1) % tasks_max;
        if (has_descriptor(owner)) {
            counters_->reached(State::wrong_slot);
            return no_task;
        }
        return owner;
    }

    bool is_pending(uint64_t task) const override { return states_[task] == 0; }

    void complete(uint64_t number) override {
        const auto task = static_cast<uint32_t>(number);
        states_[task] = 1;
        ++completed_;
        calls_->push_back({task, false});
        if (release_capacity_ == 0) {
            counters_->reached(State::released_at_once);
            calls_->push_back({task, true});
            return;
        }
        if (releases_size_ == release_capacity_) {
            counters_->reached(State::release_buffer_made_room);
            flush_releases();
        }
        releases_[releases_size_++] = task;
    }

    void complete_elsewhere(uint32_t task) { states_[task] = 1; }

    void flush_releases() {
        for (size_t i = 0; i < releases_size_; ++i) {
            calls_->push_back({releases_[i], true});
        }
        releases_size_ = 0;
    }

    uint32_t releases_buffered() const { return static_cast<uint32_t>(releases_size_); }
    int32_t completed() const { return completed_; }
    const std::array<int32_t, tasks_max>& states() const { return states_; }

  private:
    size_t release_capacity_ = 0;
    std::vector<SchedulerCall>* calls_ = nullptr;
    StateCounters<State>* counters_ = nullptr;
    std::array<uint32_t, 256> releases_{};
    size_t releases_size_ = 0;
    std::array<int32_t, tasks_max> states_{};
    int32_t completed_ = 0;  ///< in this run
};

class Prediction {
  public:
    void run(const WaitListStepSchedule& schedule, WaitListStepHistory& expected) {
        begin(schedule, expected);
        for (uint32_t i = 0; i < schedule.operations.size(); ++i) {
            perform_next(schedule, i);
        }
        snapshot();
    }

    size_t first_reaching(const WaitListStepSchedule& schedule, std::span<const State> states,
                          WaitListStepHistory& expected) {
        begin(schedule, expected);
        const uint64_t before = times_reached(states);
        for (uint32_t i = 0; i < schedule.operations.size(); ++i) {
            perform_next(schedule, i);
            if (times_reached(states) != before) {
                return i;
            }
        }
        return schedule.operations.size();
    }

    std::vector<StateCount> states() { return model_.states().snapshot(); }

  private:
    void begin(const WaitListStepSchedule& schedule, WaitListStepHistory& expected) {
        expected_ = &expected;
        expected.clear();
        model_.reset(schedule.mailbox_capacity);
        tasks_.reset(schedule, expected.scheduler_calls, model_.states());
    }

    void perform_next(const WaitListStepSchedule& schedule, uint32_t index) {
        const WaitListOperation& op = schedule.operations[index];
        WaitListEvent event{};
        event.operation = index;
        event.failed_task = no_task;
        perform(op, event);
        observe(op, event);
        expected_->events.push_back(event);
    }

    uint64_t times_reached(std::span<const State> states) {
        uint64_t times = 0;
        for (const State state : states) {
            times += model_.states().count_of(state);
        }
        return times;
    }

    void perform(const WaitListOperation& op, WaitListEvent& event) {
        switch (op.call) {
            case WaitListCall::push_condition:
                event.taken = push_condition(op.task, op.condition);
                return;
            case WaitListCall::push_conditions:
                push_run(op, event);
                return;
            case WaitListCall::push_for_each_task:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken += push_condition((op.task + i) % tasks_max, op.condition);
                }
                return;
            case WaitListCall::push_normal_done:
                event.taken = push_normal_done(op.task, op.slot);
                return;
            case WaitListCall::push_normal_dones:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken += push_normal_done((op.task + i) % tasks_max, SlotChoice::own);
                }
                return;
            case WaitListCall::push_registration:
                event.taken = push_registration(op);
                return;
            case WaitListCall::push_unknown_kind:
                event.taken = model_.push({Kind::unknown, true, 0, op.task, op.condition});
                return;
            case WaitListCall::leave_gap:
                if (!model_.has_gap()) {
                    event.taken = model_.leave_gap();
                }
                return;
            case WaitListCall::fill_gap:
                if (model_.has_gap()) {
                    model_.fill_gap(op.task, op.condition);
                    event.taken = 1;
                }
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
                model_.states().reached(State::poll_while_busy);
                return;
            case WaitListCall::set_counter:
                model_.memory().counters[op.task] = op.value;
                return;
            case WaitListCall::set_record:
                model_.memory().records[op.task] = op.record_value;
                return;
            case WaitListCall::complete_elsewhere:
                tasks_.complete_elsewhere(op.task);
                return;
            case WaitListCall::flush_releases:
                tasks_.flush_releases();
                return;
            case WaitListCall::start_over:
                if (!model_.has_gap()) {
                    model_.begin_run();
                    tasks_.begin_run();
                }
                return;
        }
    }

    uint32_t push_condition(uint32_t task, const Condition& condition) {
        return model_.push({Kind::condition, true, 0, task, condition});
    }

    uint32_t push_normal_done(uint32_t task, SlotChoice slot) {
        return model_.push({Kind::normal_done, true, static_cast<uint8_t>(slot), task, {}});
    }

    void push_run(const WaitListOperation& op, WaitListEvent& event) {
        for (uint32_t i = 0; i < std::min(op.count, WaitListModel::conditions_max); ++i) {
            if (push_condition(op.task, condition_of_run(op.condition, i)) == 0) {
                return;
            }
            ++event.taken;
        }
    }

    uint32_t push_registration(const WaitListOperation& op) {
        std::array<Condition, WaitListModel::conditions_max> conditions{};
        for (uint32_t i = 0; i < op.count; ++i) {
            conditions[i] = condition_of_run(op.condition, i);
        }
        return model_.push_registration(op.task, static_cast<uint8_t>(op.slot),
                                        {conditions.data(), op.count});
    }

    void drain(bool has_scheduler, WaitListEvent& event) {
        const int32_t before = tasks_.completed();
        const WaitListModel::Outcome outcome = model_.drain(tasks_, has_scheduler);
        event.error = outcome.error;
        event.taken = outcome.taken;
        event.completed = tasks_.completed() - before;
    }

    void poll(bool has_scheduler, WaitListEvent& event) {
        const int32_t before = tasks_.completed();
        const WaitListModel::Outcome outcome = model_.poll(tasks_, has_scheduler);
        event.error = outcome.error;
        event.completed = tasks_.completed() - before;
        event.failed_task = task_of(outcome.failed_slot);
        model_.states().reached_if(outcome.has_failed_visit && event.completed != 0,
                                   State::error_after_completions);
    }

    static uint32_t task_of(uint64_t slot) {
        return slot == WaitListModel::no_task ? no_task : static_cast<uint32_t>(slot);
    }

    void observe(const WaitListOperation& op, WaitListEvent& event) {
        event.waiting_tasks = static_cast<uint32_t>(model_.waiting().size());
        event.sticky_error = model_.error();
        event.releases_buffered = tasks_.releases_buffered();
        event.calls_to_scheduler = static_cast<uint32_t>(expected_->scheduler_calls.size());
        event.lock_is_free = true;
        if (const WaitListModel::Entry* entry = model_.find(op.task)) {
            event.task_waits = true;
            event.task_is_normal_done = entry->is_normal_done;
            event.task_conditions = entry->count;
            event.task_conditions_open = entry->open;
        }
    }

    void snapshot() {
        for (const WaitListModel::Entry& entry : model_.waiting()) {
            WaitingTask waiting{static_cast<uint32_t>(entry.task),
                                task_of(entry.slot_of_task),
                                entry.is_normal_done,
                                entry.count,
                                entry.open,
                                0,
                                0};
            for (uint32_t c = 0; c < entry.count; ++c) {
                waiting.satisfied |= uint64_t{entry.conditions[c].satisfied} << c;
            }
            waiting.retired = waiting.satisfied;
            expected_->waiting_at_end.push_back(waiting);
        }
        expected_->memory_at_end = model_.memory();
        expected_->task_state_at_end = tasks_.states();
    }

    WaitListStepHistory* expected_ = nullptr;
    WaitListModel model_;
    StepTasks tasks_;
};

Prediction& prediction() {
    static Prediction prediction;
    return prediction;
}

}  // namespace

void predict(const WaitListStepSchedule& schedule, WaitListStepHistory& expected) {
    prediction().run(schedule, expected);
}

size_t first_operation_reaching(const WaitListStepSchedule& schedule,
                                std::span<const WaitListState> states) {
    // A prediction of its own, which adds nothing to predicted_states().
    static Prediction ahead;
    static WaitListStepHistory history;
    return ahead.first_reaching(schedule, states, history);
}

std::vector<StateCount> predicted_states() { return prediction().states(); }

}  // namespace fuzz
