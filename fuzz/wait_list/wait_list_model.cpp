// The model of the wait list; see the header. Read next to the contract: each branch is a sentence.
#include "fuzz/wait_list/wait_list_model.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "fuzz/kit/state_counters.h"

namespace fuzz {
namespace {

constexpr uint32_t conditions_max = 64;
constexpr size_t waiting_max = 64;
constexpr size_t messages_max = 4096;
constexpr int32_t no_error = 0;
constexpr int32_t completion_invalid = 101;
constexpr int32_t wait_overflow = 102;
constexpr int32_t registration_failed = 103;
constexpr int32_t type_counter = 0;
constexpr int32_t type_record = 1;
constexpr uint32_t kind_condition = 0;
constexpr uint32_t kind_normal_done = 1;

enum class State : uint8_t {
    push_refused_full,
    drain_stopped_by_gap,
    completed_inline,
    completed_by_poll,
    ready_entry_made,
    condition_64,
    condition_65,
    entry_64,
    entry_65,
    entry_65_after_visit,
    unknown_kind,
    null_slot,
    misaligned_slot,
    wrong_slot,
    slot_not_pending,
    late_condition,
    second_normal_done,
    unknown_type,
    misaligned_address,
    error_left_messages,
    drain_after_error,
    poll_after_error,
    poll_while_busy,
    tested_before_normal_done,
    tested_without_scheduler,
    record_retired,
    channel_moved,
    entry_replaced_by_last,
    release_buffer_made_room,
    released_at_once,
    error_after_completions,
    slot_completed_elsewhere,
    run_after_error,
    count_of_states,
};

StateCounters<State> counters({
    "a push met a full mailbox",
    "a drain stopped at an unpublished ticket",
    "a task without conditions completed inline",
    "a waiting task completed",
    "a normal-done became a ready entry",
    "a task registered its 64th condition",
    "a task registered its 65th condition",
    "the 64th task waited",
    "a 65th task had to be refused",
    "a 65th task got room by a visit",
    "a message of unknown kind",
    "a normal-done without a slot",
    "a normal-done with a misaligned slot",
    "a normal-done with another task's slot",
    "a normal-done of a slot that is not pending",
    "a condition behind its task's normal-done",
    "a second normal-done",
    "a condition of a type the platform does not know",
    "a condition with a null or misaligned address",
    "an error left messages in the ring",
    "a drain after an error",
    "a poll after an error",
    "a poll met a held lock",
    "a condition held before the normal-done",
    "a condition held without a scheduler",
    "a record was retired",
    "a record's channel was moved",
    "an entry was replaced by the last",
    "a full release buffer was emptied first",
    "a task was released at once",
    "a poll completed tasks and reported an error",
    "a waiting task's slot was completed by somebody else",
    "a new run after an error",
});

struct Message {
    bool published;
    uint32_t kind;
    uint32_t task;
    Condition condition;
    SlotChoice slot;
};

struct OpenCondition {
    Condition condition;
    bool satisfied;
};

struct Entry {
    uint32_t task;
    uint32_t slot_of_task;
    bool is_normal_done;
    uint32_t count;
    uint32_t open;
    std::array<OpenCondition, conditions_max> conditions;
};

class Model {
  public:
    void run(const WaitListStepSchedule& schedule, WaitListStepHistory& expected) {
        schedule_ = &schedule;
        expected_ = &expected;
        expected.clear();
        begin_run();
        first_ = 0;
        length_ = 0;
        gap_ = no_gap;
        memory_ = {};
        for (uint32_t i = 0; i < schedule.operations.size(); ++i) {
            const WaitListOperation& op = schedule.operations[i];
            WaitListEvent event{};
            event.operation = i;
            event.failed_task = no_task;
            perform(op, event);
            observe(op, event);
            expected.events.push_back(event);
        }
        snapshot();
    }

  private:
    static constexpr size_t no_gap = ~size_t{0};

    enum class Sink : uint8_t { none, scheduler };

    void begin_run() {
        entries_size_ = 0;
        error_ = no_error;
        releases_size_ = 0;
        states_.fill(0);
    }

    void perform(const WaitListOperation& op, WaitListEvent& event) {
        switch (op.call) {
            case WaitListCall::push_condition:
                event.taken = push(kind_condition, op.task, op.condition);
                return;
            case WaitListCall::push_conditions:
                push_run(op, event);
                return;
            case WaitListCall::push_for_each_task:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken += push(kind_condition, (op.task + i) % tasks_max, op.condition);
                }
                return;
            case WaitListCall::push_normal_done:
                event.taken = push(kind_normal_done, op.task, {}, op.slot);
                return;
            case WaitListCall::push_normal_dones:
                for (uint32_t i = 0; i < op.count; ++i) {
                    event.taken += push(kind_normal_done, (op.task + i) % tasks_max, {});
                }
                return;
            case WaitListCall::push_unknown_kind:
                event.taken = push(op.count, op.task, op.condition);
                return;
            case WaitListCall::leave_gap:
                if (gap_ == no_gap) {
                    const size_t index = (first_ + length_) % messages_max;
                    event.taken = push(kind_condition, 0, {});
                    if (event.taken != 0) {
                        gap_ = index;
                        messages_[gap_].published = false;
                    }
                }
                return;
            case WaitListCall::fill_gap:
                if (gap_ != no_gap) {
                    messages_[gap_] = {true, kind_condition, op.task, op.condition,
                                       SlotChoice::own};
                    gap_ = no_gap;
                    event.taken = 1;
                }
                return;
            case WaitListCall::drain:
                event.error = drain(Sink::none, event);
                return;
            case WaitListCall::drain_with_sink:
                event.error = drain(Sink::scheduler, event);
                event.failed_task = no_task;  // a drain blames nobody, only a poll does
                return;
            case WaitListCall::poll:
                poll(Sink::scheduler, event);
                return;
            case WaitListCall::poll_without_scheduler:
                poll(Sink::none, event);
                return;
            case WaitListCall::poll_while_busy:
                counters.reached(State::poll_while_busy);
                return;
            case WaitListCall::set_counter:
                memory_.counters[op.task] = op.value;
                return;
            case WaitListCall::set_record:
                memory_.records[op.task] = {op.count, op.value, op.has_channel};
                return;
            case WaitListCall::complete_elsewhere:
                states_[op.task] = 1;
                return;
            case WaitListCall::flush_releases:
                flush_releases();
                return;
            case WaitListCall::start_over:
                if (gap_ == no_gap) {
                    counters.reached_if(error_ != no_error, State::run_after_error);
                    begin_run();
                    length_ = 0;
                }
                return;
        }
    }

    uint32_t push(uint32_t kind, uint32_t task, const Condition& condition,
                  SlotChoice slot = SlotChoice::own) {
        if (length_ == schedule_->mailbox_capacity) {
            counters.reached(State::push_refused_full);
            return 0;
        }
        messages_[(first_ + length_) % messages_max] = {true, kind, task, condition, slot};
        ++length_;
        return 1;
    }

    void push_run(const WaitListOperation& op, WaitListEvent& event) {
        for (uint32_t i = 0; i < std::min(op.count, conditions_max); ++i) {
            if (push(kind_condition, op.task, condition_of_run(op.condition, i)) == 0) {
                return;
            }
            ++event.taken;
        }
    }

    int32_t drain(Sink sink, WaitListEvent& event) {
        if (error_ != no_error) {
            counters.reached(State::drain_after_error);
            return error_;
        }
        event.taken = 0;
        while (length_ != 0 && error_ == no_error) {
            const Message message = messages_[first_];
            if (!message.published) {
                counters.reached(State::drain_stopped_by_gap);
                break;
            }
            first_ = (first_ + 1) % messages_max;
            --length_;
            ++event.taken;
            error_ = apply(message, sink, event);
        }
        counters.reached_if(error_ != no_error && length_ != 0, State::error_left_messages);
        return error_;
    }

    void poll(Sink sink, WaitListEvent& event) {
        counters.reached_if(error_ != no_error, State::poll_after_error);
        WaitListEvent drained = event;
        event.error = drain(sink, drained);
        event.completed = drained.completed;
        event.failed_task = drained.failed_task;
        if (event.error == no_error) {
            event.error = error_ = visit(sink, event);
            counters.reached_if(error_ != no_error && event.completed != 0,
                                State::error_after_completions);
        }
    }

    int32_t apply(const Message& message, Sink sink, WaitListEvent& event) {
        if (message.kind == kind_condition) {
            return apply_condition(message, sink, event);
        }
        if (message.kind == kind_normal_done) {
            return apply_normal_done(message, sink, event);
        }
        counters.reached(State::unknown_kind);
        return registration_failed;
    }

    int32_t apply_condition(const Message& message, Sink sink, WaitListEvent& event) {
        Entry* entry = find(message.task);
        if (entry == nullptr) {
            const int32_t error = make_entry(message.task, sink, event);
            if (error != no_error) {
                return error;
            }
            entry = &entries_[entries_size_ - 1];
        }
        if (entry->is_normal_done) {
            counters.reached(State::late_condition);
            return registration_failed;
        }
        if (entry->count == conditions_max) {
            counters.reached(State::condition_65);
            return registration_failed;
        }
        entry->conditions[entry->count] = {message.condition, false};
        ++entry->count;
        ++entry->open;
        counters.reached_if(entry->count == conditions_max, State::condition_64);
        return no_error;
    }

    int32_t apply_normal_done(const Message& message, Sink sink, WaitListEvent& event) {
        if (message.slot == SlotChoice::null) {
            counters.reached(State::null_slot);
            return registration_failed;
        }
        if (message.slot == SlotChoice::misaligned) {
            counters.reached(State::misaligned_slot);
            return registration_failed;
        }
        const uint32_t owner = message.slot == SlotChoice::of_next_task
                                   ? (message.task + 1) % tasks_max
                                   : message.task;
        if (owner != message.task && has_descriptor(owner)) {
            counters.reached(State::wrong_slot);
            return registration_failed;
        }
        if (states_[owner] != 0) {
            counters.reached(State::slot_not_pending);
            return registration_failed;
        }
        Entry* entry = find(message.task);
        if (entry == nullptr && sink == Sink::scheduler) {
            counters.reached(State::completed_inline);
            complete(owner, event);
            return no_error;
        }
        if (entry == nullptr) {
            const int32_t error = make_entry(message.task, sink, event);
            if (error != no_error) {
                return error;
            }
            counters.reached(State::ready_entry_made);
            entry = &entries_[entries_size_ - 1];
        }
        if (entry->is_normal_done) {
            counters.reached(State::second_normal_done);
            return registration_failed;
        }
        entry->slot_of_task = owner;
        entry->is_normal_done = true;
        return no_error;
    }

    int32_t make_entry(uint32_t task, Sink sink, WaitListEvent& event) {
        const bool was_full = entries_size_ == waiting_max;
        if (was_full && sink == Sink::scheduler) {
            const int32_t error = visit(sink, event);
            if (error != no_error) {
                return error;
            }
        }
        if (entries_size_ == waiting_max) {
            counters.reached(State::entry_65);
            return wait_overflow;
        }
        Entry& entry = entries_[entries_size_++];
        entry.task = task;
        entry.slot_of_task = no_task;
        entry.is_normal_done = false;
        entry.count = 0;
        entry.open = 0;
        counters.reached_if(was_full, State::entry_65_after_visit);
        counters.reached_if(entries_size_ == waiting_max, State::entry_64);
        return no_error;
    }

    Entry* find(uint32_t task) {
        for (size_t i = 0; i < entries_size_; ++i) {
            if (entries_[i].task == task) {
                return &entries_[i];
            }
        }
        return nullptr;
    }

    int32_t visit(Sink sink, WaitListEvent& event) {
        for (size_t i = entries_size_; i-- > 0;) {
            Entry& entry = entries_[i];
            const int32_t error = test(entry, sink);
            if (error != no_error) {
                event.failed_task = entry.slot_of_task;
                return error;
            }
            if (sink == Sink::none || !entry.is_normal_done || entry.open != 0) {
                continue;
            }
            if (states_[entry.slot_of_task] != 0) {
                counters.reached(State::slot_completed_elsewhere);
                event.failed_task = entry.slot_of_task;
                return registration_failed;
            }
            counters.reached(State::completed_by_poll);
            complete(entry.slot_of_task, event);
            counters.reached_if(i != entries_size_ - 1, State::entry_replaced_by_last);
            if (i != entries_size_ - 1) {
                entries_[i] = entries_[entries_size_ - 1];
            }
            --entries_size_;
        }
        return no_error;
    }

    int32_t test(Entry& entry, Sink sink) {
        for (uint32_t i = 0; i < entry.count; ++i) {
            OpenCondition& open = entry.conditions[i];
            if (open.satisfied) {
                continue;
            }
            const Condition& condition = open.condition;
            if (!is_testable(condition)) {
                return completion_invalid;
            }
            if (!holds(condition)) {
                continue;
            }
            open.satisfied = true;
            --entry.open;
            counters.reached_if(!entry.is_normal_done, State::tested_before_normal_done);
            counters.reached_if(sink == Sink::none, State::tested_without_scheduler);
            if (condition.type == type_record) {
                retire(condition.index);
            }
        }
        return no_error;
    }

    bool is_testable(const Condition& condition) const {
        const bool is_counter = condition.type == type_counter;
        const bool is_record = condition.type == type_record && !schedule_->is_a5;
        if (!is_counter && !is_record) {
            counters.reached(State::unknown_type);
            return false;
        }
        const bool is_aligned =
            condition.word == Word::record || (is_counter && (condition.word == Word::counter ||
                                                              condition.word == Word::record_tail));
        counters.reached_if(!is_aligned, State::misaligned_address);
        return is_aligned;
    }

    bool holds(const Condition& condition) const {
        if (condition.type == type_record) {
            return memory_.records[condition.index].flag != 0;
        }
        uint32_t value = 0;
        if (condition.word == Word::counter) {
            value = memory_.counters[condition.index];
        } else if (condition.word == Word::record) {
            value = memory_.records[condition.index].flag;
        } else {
            value = memory_.records[condition.index].sq_tail;
        }
        return value >= condition.expected_value;
    }

    void retire(uint32_t index) {
        EngineMemory::Record& record = memory_.records[index];
        counters.reached(State::record_retired);
        if (record.has_channel) {
            counters.reached(State::channel_moved);
            memory_.channels[index] = uint64_t{record.sq_tail} << 32 | record.sq_tail;
        }
        record.flag = 0;
        record.sq_tail = 0;
    }

    void complete(uint32_t task, WaitListEvent& event) {
        states_[task] = 1;
        expected_->scheduler_calls.push_back({task, false});
        ++event.completed;
        if (schedule_->release_capacity == 0) {
            counters.reached(State::released_at_once);
            expected_->scheduler_calls.push_back({task, true});
            return;
        }
        if (releases_size_ == static_cast<size_t>(schedule_->release_capacity)) {
            counters.reached(State::release_buffer_made_room);
            flush_releases();
        }
        releases_[releases_size_++] = task;
    }

    void flush_releases() {
        for (size_t i = 0; i < releases_size_; ++i) {
            expected_->scheduler_calls.push_back({releases_[i], true});
        }
        releases_size_ = 0;
    }

    void observe(const WaitListOperation& op, WaitListEvent& event) {
        event.waiting_tasks = static_cast<uint32_t>(entries_size_);
        event.sticky_error = error_;
        event.releases_buffered = static_cast<uint32_t>(releases_size_);
        event.calls_to_scheduler = static_cast<uint32_t>(expected_->scheduler_calls.size());
        event.lock_is_free = true;
        if (const Entry* entry = find(op.task)) {
            event.task_waits = true;
            event.task_is_normal_done = entry->is_normal_done;
            event.task_conditions = entry->count;
            event.task_conditions_open = entry->open;
        }
    }

    void snapshot() {
        for (size_t i = 0; i < entries_size_; ++i) {
            const Entry& entry = entries_[i];
            WaitingTask waiting{
                entry.task, entry.slot_of_task, entry.is_normal_done, entry.count, entry.open, 0,
                0};
            for (uint32_t c = 0; c < entry.count; ++c) {
                waiting.satisfied |= uint64_t{entry.conditions[c].satisfied} << c;
            }
            waiting.retired = waiting.satisfied;
            expected_->waiting_at_end.push_back(waiting);
        }
        expected_->memory_at_end = memory_;
        expected_->task_state_at_end = states_;
    }

    const WaitListStepSchedule* schedule_ = nullptr;
    WaitListStepHistory* expected_ = nullptr;
    std::array<Message, messages_max> messages_{};
    size_t first_ = 0;
    size_t length_ = 0;
    size_t gap_ = no_gap;
    std::array<Entry, waiting_max> entries_{};
    size_t entries_size_ = 0;
    int32_t error_ = no_error;
    std::array<uint32_t, 256> releases_{};
    size_t releases_size_ = 0;
    std::array<int32_t, tasks_max> states_{};
    EngineMemory memory_{};
};

}  // namespace

void predict(const WaitListStepSchedule& schedule, WaitListStepHistory& expected) {
    static Model model;
    model.run(schedule, expected);
}

std::vector<StateCount> wait_list_step_states() { return counters.snapshot(); }

}  // namespace fuzz
