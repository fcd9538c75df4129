// The wait list's contract, written a second time, slow and simple: a mailbox, the waiting tasks
// and the memory of their conditions. Shares no code and no numbers with the product. Read it next
// to the contract: each branch is a sentence of it.
//
// All oracles that need a wait list use this model. It lies in a header because a target links the
// subjects that it names, and the scheduler's targets do not name this one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/kit/state_counters.h"
#include "fuzz/wait_list/wait_list_condition.h"

namespace fuzz {

enum class WaitListState : uint8_t {
    push_refused_full,
    drain_stopped_by_gap,
    completed_inline,
    completed_by_poll,
    ready_entry_made,
    condition_64,
    condition_65,
    entry_64,
    visit_for_room,
    entry_65,
    entry_65_after_visit,
    unknown_kind,
    null_slot,
    misaligned_slot,
    wrong_slot,
    slot_not_pending,
    late_condition,
    second_normal_done,
    registered,
    registration_without_room,
    registration_of_an_open_entry,
    second_registration,
    unknown_type,
    misaligned_address,
    error_left_messages,
    drain_after_error,
    poll_after_error,
    poll_while_busy,
    tested_before_normal_done,
    tested_without_scheduler,
    record_held,
    zero_cookie,
    entry_replaced_by_last,
    release_buffer_made_room,
    released_at_once,
    error_after_completions,
    slot_completed_elsewhere,
    run_after_error,
    count,
};

inline constexpr EnumWords<WaitListState> wait_list_state_words({
    {WaitListState::push_refused_full, "a push met a full mailbox"},
    {WaitListState::drain_stopped_by_gap, "a drain stopped at an unpublished ticket"},
    {WaitListState::completed_inline, "a task without conditions completed inline"},
    {WaitListState::completed_by_poll, "a waiting task completed"},
    {WaitListState::ready_entry_made, "a normal-done became a ready entry"},
    {WaitListState::condition_64, "a task registered its 64th condition"},
    {WaitListState::condition_65, "a task registered its 65th condition"},
    {WaitListState::entry_64, "the 64th task waited"},
    {WaitListState::visit_for_room, "a 65th task made a drain visit the others"},
    {WaitListState::entry_65, "a 65th task had to be refused"},
    {WaitListState::entry_65_after_visit, "a 65th task got room by a visit"},
    {WaitListState::unknown_kind, "a message of unknown kind"},
    {WaitListState::null_slot, "a normal-done without a slot"},
    {WaitListState::misaligned_slot, "a normal-done with a misaligned slot"},
    {WaitListState::wrong_slot, "a normal-done with another task's slot"},
    {WaitListState::slot_not_pending, "a normal-done of a slot that is not pending"},
    {WaitListState::late_condition, "a condition after its task's normal-done"},
    {WaitListState::second_normal_done, "a second normal-done"},
    {WaitListState::registered, "a task registered in one message"},
    {WaitListState::registration_without_room, "a registration that did not fit was refused"},
    {WaitListState::registration_of_an_open_entry,
     "a registration of a task that had registered conditions"},
    {WaitListState::second_registration, "a registration of a task that was done already"},
    {WaitListState::unknown_type, "a condition of a type the platform does not know"},
    {WaitListState::misaligned_address, "a condition with a null or misaligned address"},
    {WaitListState::error_left_messages, "an error left messages in the ring"},
    {WaitListState::drain_after_error, "a drain after an error"},
    {WaitListState::poll_after_error, "a poll after an error"},
    {WaitListState::poll_while_busy, "a poll met a held lock"},
    {WaitListState::tested_before_normal_done, "a condition held before the normal-done"},
    {WaitListState::tested_without_scheduler, "a condition held without a scheduler"},
    {WaitListState::record_held, "a condition on a record held"},
    {WaitListState::zero_cookie, "a condition on a record without a cookie"},
    {WaitListState::entry_replaced_by_last, "an entry was replaced by the last"},
    {WaitListState::release_buffer_made_room, "a full release buffer was emptied first"},
    {WaitListState::released_at_once, "a task was released at once"},
    {WaitListState::error_after_completions, "a poll completed tasks and reported an error"},
    {WaitListState::slot_completed_elsewhere,
     "a waiting task's slot was completed by another thread"},
    {WaitListState::run_after_error, "a new run after an error"},
});

struct WaitListMessage {
    /// A registration takes several places: `more` is each after its first.
    enum class Kind : uint8_t { condition, normal_done, registration, more, unknown };

    Kind kind;
    bool is_published;
    uint8_t slot;  ///< of a normal-done: which slot it names, as WaitListTasks::slot_of() reads it
    uint64_t task;
    Condition condition;
    Condition second = {};         ///< of `more`
    uint32_t condition_count = 0;  ///< of a registration
};

/// What the model asks about tasks, and tells about them.
class WaitListTasks {
  public:
    static constexpr uint64_t no_task = ~uint64_t{0};

    /// The task whose slot a normal-done or a registration names; no_task if that cannot be the
    /// slot of its task.
    virtual uint64_t slot_of(const WaitListMessage& message) = 0;
    virtual bool is_pending(uint64_t task) const = 0;
    virtual void complete(uint64_t task) = 0;

  protected:
    ~WaitListTasks() = default;
};

/// Mailbox and wait list of one run after the other. Not thread-safe.
class WaitListModel {
  public:
    static constexpr uint64_t no_task = WaitListTasks::no_task;
    static constexpr uint32_t conditions_max = 64;
    static constexpr size_t waiting_max = 64;
    static constexpr size_t messages_max = 4096;
    static constexpr int32_t no_error = 0;
    static constexpr int32_t completion_invalid = 101;
    static constexpr int32_t wait_overflow = 102;
    static constexpr int32_t registration_failed = 103;
    static constexpr int32_t type_counter = 0;
    static constexpr int32_t type_record = 1;
    static constexpr int32_t type_unknown = 2;

    using Message = WaitListMessage;
    using Kind = WaitListMessage::Kind;
    using State = WaitListState;

    struct OpenCondition {
        Condition condition;
        bool satisfied;
    };

    struct Entry {
        uint64_t task;
        uint64_t slot_of_task;
        bool is_normal_done;
        uint32_t count;
        uint32_t open;
        std::array<OpenCondition, conditions_max> conditions;
    };

    /// What a drain or a poll reports.
    struct Outcome {
        int32_t error;
        uint32_t taken;         ///< messages taken out of the mailbox
        uint64_t failed_slot;   ///< the task whose slot a poll blames, or no_task
        bool has_failed_visit;  ///< the error came from a poll's visit, not from its drain
    };

    /// A fresh mailbox of `capacity` slots, no waiting task, all memory 0.
    void reset(size_t capacity) {
        capacity_ = capacity;
        first_ = 0;
        gap_ = no_gap;
        memory_ = {};
        error_ = no_error;
        begin_run();
    }

    /// A new run: no message, no waiting task, no error. Memory stays as it is.
    void begin_run() {
        counters_.reached_if(error_ != no_error, State::run_after_error);
        length_ = 0;
        waiting_ = 0;
        satisfied_ = 0;
        error_ = no_error;
    }

    size_t depth() const { return length_; }
    size_t room() const { return capacity_ - length_; }
    int32_t error() const { return error_; }
    /// Conditions that were seen to hold in this run.
    uint64_t satisfied() const { return satisfied_; }
    bool has_pending() const { return length_ != 0 || waiting_ != 0; }
    bool has_gap() const { return gap_ != no_gap; }
    std::span<const Entry> waiting() const { return {entries_.data(), waiting_}; }
    EngineMemory& memory() { return memory_; }
    StateCounters<State>& states() { return counters_; }

    const Entry* find(uint64_t task) const {
        for (const Entry& entry : waiting()) {
            if (entry.task == task) {
                return &entry;
            }
        }
        return nullptr;
    }

    /// Pushes the message. Returns the number of messages that the ring took: 1, or 0 if it is
    /// full.
    uint32_t push(const Message& message) {
        if (length_ == capacity_) {
            counters_.reached(State::push_refused_full);
            return 0;
        }
        messages_[(first_ + length_) % messages_max] = message;
        ++length_;
        return 1;
    }

    /// Pushes a registration: a first message with one condition, then two with each. Returns the
    /// number of messages: all of them, or 0 if they do not all fit.
    uint32_t push_registration(uint64_t task, uint8_t slot, std::span<const Condition> conditions) {
        const size_t count = conditions.size();
        const size_t places = 1 + count / 2;
        if (places > room()) {
            counters_.reached(State::registration_without_room);
            return 0;
        }
        Message first{Kind::registration, true, slot, task, conditions[0]};
        first.condition_count = static_cast<uint32_t>(count);
        push(first);
        for (size_t i = 1; i < count; i += 2) {
            Message more{Kind::more, true, 0, task, conditions[i]};
            more.second = i + 1 < count ? conditions[i + 1] : Condition{};
            push(more);
        }
        return static_cast<uint32_t>(places);
    }

    /// Claims a ticket and leaves it unpublished; there must be no gap. Returns what push() does.
    uint32_t leave_gap() {
        const size_t index = (first_ + length_) % messages_max;
        const uint32_t taken = push({Kind::condition, false, 0, 0, {}});
        if (taken != 0) {
            gap_ = index;
        }
        return taken;
    }

    /// Publishes the unpublished ticket; there must be one.
    void fill_gap(uint64_t task, const Condition& condition) {
        messages_[gap_] = {Kind::condition, true, 0, task, condition};
        gap_ = no_gap;
    }

    /// Takes messages up to the first gap or error. `has_scheduler`: the drain can complete tasks.
    Outcome drain(WaitListTasks& tasks, bool has_scheduler) {
        Outcome outcome{error_, 0, no_task, false};
        if (error_ != no_error) {
            counters_.reached(State::drain_after_error);
            return outcome;
        }
        while (length_ != 0 && error_ == no_error) {
            const Message message = messages_[first_];
            if (!message.is_published) {
                counters_.reached(State::drain_stopped_by_gap);
                break;
            }
            take(outcome);
            error_ = apply(message, tasks, has_scheduler, outcome);
        }
        counters_.reached_if(error_ != no_error && length_ != 0, State::error_left_messages);
        outcome.error = error_;
        return outcome;
    }

    /// A drain, then a visit of all waiting tasks.
    Outcome poll(WaitListTasks& tasks, bool has_scheduler) {
        counters_.reached_if(error_ != no_error, State::poll_after_error);
        Outcome outcome = drain(tasks, has_scheduler);
        if (outcome.error == no_error) {
            outcome.error = error_ = visit(tasks, has_scheduler, outcome);
            outcome.has_failed_visit = error_ != no_error;
        }
        return outcome;
    }

  private:
    static constexpr size_t no_gap = ~size_t{0};

    Message take(Outcome& outcome) {
        const Message message = messages_[first_];
        first_ = (first_ + 1) % messages_max;
        --length_;
        ++outcome.taken;
        return message;
    }

    int32_t apply(const Message& message, WaitListTasks& tasks, bool has_scheduler,
                  Outcome& outcome) {
        switch (message.kind) {
            case Kind::condition:
                return apply_condition(message, tasks, has_scheduler, outcome);
            case Kind::normal_done:
                return apply_normal_done(message, tasks, has_scheduler, outcome);
            case Kind::registration:
                return apply_registration(message, tasks, has_scheduler, outcome);
            case Kind::more:
            case Kind::unknown:
                break;
        }
        counters_.reached(State::unknown_kind);
        return registration_failed;
    }

    int32_t apply_condition(const Message& message, WaitListTasks& tasks, bool has_scheduler,
                            Outcome& outcome) {
        Entry* entry = find_entry(message.task);
        if (entry == nullptr) {
            const int32_t error = make_entry(message.task, tasks, has_scheduler, outcome);
            if (error != no_error) {
                return error;
            }
            entry = &entries_[waiting_ - 1];
        }
        if (entry->is_normal_done) {
            counters_.reached(State::late_condition);
            return registration_failed;
        }
        if (entry->count == conditions_max) {
            counters_.reached(State::condition_65);
            return registration_failed;
        }
        entry->conditions[entry->count] = {message.condition, false};
        ++entry->count;
        ++entry->open;
        counters_.reached_if(entry->count == conditions_max, State::condition_64);
        return no_error;
    }

    int32_t apply_normal_done(const Message& message, WaitListTasks& tasks, bool has_scheduler,
                              Outcome& outcome) {
        const uint64_t owner = tasks.slot_of(message);
        if (owner == no_task) {
            return registration_failed;
        }
        if (!tasks.is_pending(owner)) {
            counters_.reached(State::slot_not_pending);
            return registration_failed;
        }
        Entry* entry = find_entry(message.task);
        if (entry == nullptr && has_scheduler) {
            counters_.reached(State::completed_inline);
            tasks.complete(owner);
            return no_error;
        }
        if (entry == nullptr) {
            const int32_t error = make_entry(message.task, tasks, has_scheduler, outcome);
            if (error != no_error) {
                return error;
            }
            counters_.reached(State::ready_entry_made);
            entry = &entries_[waiting_ - 1];
        }
        if (entry->is_normal_done) {
            counters_.reached(State::second_normal_done);
            return registration_failed;
        }
        entry->slot_of_task = owner;
        entry->is_normal_done = true;
        return no_error;
    }

    int32_t apply_registration(const Message& message, WaitListTasks& tasks, bool has_scheduler,
                               Outcome& outcome) {
        std::array<Condition, conditions_max> conditions{};
        conditions[0] = message.condition;
        for (uint32_t i = 1; i < message.condition_count; i += 2) {
            const Message more = take(outcome);
            conditions[i] = more.condition;
            if (i + 1 < message.condition_count) {
                conditions[i + 1] = more.second;
            }
        }
        const uint64_t owner = tasks.slot_of(message);
        if (owner == no_task) {
            return registration_failed;
        }
        if (!tasks.is_pending(owner)) {
            counters_.reached(State::slot_not_pending);
            return registration_failed;
        }
        if (waits_with_slot(owner)) {
            counters_.reached(State::second_registration);
            return registration_failed;
        }
        if (find_entry(message.task) != nullptr) {
            counters_.reached(State::registration_of_an_open_entry);
            return registration_failed;
        }
        const int32_t error = make_entry(message.task, tasks, has_scheduler, outcome);
        if (error != no_error) {
            return error;
        }
        counters_.reached(State::registered);
        Entry& entry = entries_[waiting_ - 1];
        for (uint32_t i = 0; i < message.condition_count; ++i) {
            entry.conditions[i] = {conditions[i], false};
        }
        entry.count = entry.open = message.condition_count;
        entry.slot_of_task = owner;
        entry.is_normal_done = true;
        counters_.reached_if(entry.count == conditions_max, State::condition_64);
        return no_error;
    }

    bool waits_with_slot(uint64_t owner) const {
        for (const Entry& entry : waiting()) {
            if (entry.slot_of_task == owner) {
                return true;
            }
        }
        return false;
    }

    int32_t make_entry(uint64_t task, WaitListTasks& tasks, bool has_scheduler, Outcome& outcome) {
        const bool was_full = waiting_ == waiting_max;
        if (was_full && has_scheduler) {
            counters_.reached(State::visit_for_room);
            const int32_t error = visit(tasks, has_scheduler, outcome);
            if (error != no_error) {
                return error;
            }
        }
        if (waiting_ == waiting_max) {
            counters_.reached(State::entry_65);
            return wait_overflow;
        }
        Entry& entry = entries_[waiting_++];
        entry.task = task;
        entry.slot_of_task = no_task;
        entry.is_normal_done = false;
        entry.count = 0;
        entry.open = 0;
        counters_.reached_if(was_full, State::entry_65_after_visit);
        counters_.reached_if(waiting_ == waiting_max, State::entry_64);
        return no_error;
    }

    Entry* find_entry(uint64_t task) { return const_cast<Entry*>(find(task)); }

    int32_t visit(WaitListTasks& tasks, bool has_scheduler, Outcome& outcome) {
        for (size_t i = waiting_; i-- > 0;) {
            Entry& entry = entries_[i];
            const int32_t error = test(entry, has_scheduler);
            if (error != no_error) {
                outcome.failed_slot = entry.slot_of_task;
                return error;
            }
            if (!has_scheduler || !entry.is_normal_done || entry.open != 0) {
                continue;
            }
            if (!tasks.is_pending(entry.slot_of_task)) {
                counters_.reached(State::slot_completed_elsewhere);
                outcome.failed_slot = entry.slot_of_task;
                return registration_failed;
            }
            counters_.reached(State::completed_by_poll);
            tasks.complete(entry.slot_of_task);
            --waiting_;
            if (i != waiting_) {
                counters_.reached(State::entry_replaced_by_last);
                entries_[i] = entries_[waiting_];
            }
        }
        return no_error;
    }

    int32_t test(Entry& entry, bool has_scheduler) {
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
            ++satisfied_;
            --entry.open;
            counters_.reached_if(!entry.is_normal_done, State::tested_before_normal_done);
            counters_.reached_if(!has_scheduler, State::tested_without_scheduler);
            counters_.reached_if(condition.type == type_record, State::record_held);
        }
        return no_error;
    }

    bool is_testable(const Condition& condition) {
        const bool is_counter = condition.type == type_counter;
        const bool is_record = condition.type == type_record;
        if (!is_counter && !is_record) {
            counters_.reached(State::unknown_type);
            return false;
        }
        const bool is_aligned =
            condition.word == Word::record || (is_counter && (condition.word == Word::counter ||
                                                              condition.word == Word::record_half));
        counters_.reached_if(!is_aligned, State::misaligned_address);
        const bool has_cookie = is_counter || condition.backend_cookie != 0;
        counters_.reached_if(!has_cookie, State::zero_cookie);
        return is_aligned && has_cookie;
    }

    bool holds(const Condition& condition) const {
        const uint64_t record = memory_.records[condition.index % records_max];
        if (condition.type == type_record) {
            return record >= condition.backend_cookie;
        }
        // Little-endian: the lower half comes first.
        uint64_t value = record % (uint64_t{1} << 32);
        if (condition.word == Word::counter) {
            value = memory_.counters[condition.index];
        } else if (condition.word == Word::record_half) {
            value = record >> 32;
        }
        return value >= condition.expected_value;
    }

    StateCounters<State> counters_{wait_list_state_words};
    size_t capacity_ = messages_max;
    std::array<Message, messages_max> messages_{};  ///< a ring; `length_` of them from `first_` on
    size_t first_ = 0;
    size_t length_ = 0;
    size_t gap_ = no_gap;
    std::array<Entry, waiting_max> entries_{};
    size_t waiting_ = 0;
    int32_t error_ = no_error;
    uint64_t satisfied_ = 0;
    EngineMemory memory_{};
};

}  // namespace fuzz
