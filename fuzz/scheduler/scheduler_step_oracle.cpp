// The model of the scheduler; see the header. Read it next to the contract. Tasks, cores and the
// wait list are models of their own; here is what threads do with them, event by event.
#include "fuzz/scheduler/scheduler_step_oracle.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/describe.h"
#include "fuzz/scheduler/scheduler_core_model.h"
#include "fuzz/scheduler/scheduler_event_text.h"
#include "fuzz/scheduler/scheduler_task_model.h"
#include "fuzz/scheduler/scheduler_verdicts.h"
#include "fuzz/wait_list/wait_list_model.h"

namespace fuzz {
namespace {

using Kind = SchedulerEventKind;
using State = SchedulerState;
using Verdict = SchedulerVerdict;
using MessageKind = WaitListMessage::Kind;

constexpr uint32_t unknown_task = SchedulerTaskModel::no_task;
constexpr size_t no_number = ~size_t{0};
constexpr int32_t timeout = 100;
constexpr int32_t registration_failed = 103;
constexpr uint32_t slab_conditions_max = 64;
constexpr size_t dummy_batch = 16;
constexpr size_t events_shown_max = 16;

StateCounters<State>& counters = scheduler_counters;

/// A condition of a slab, as the model of the wait list has it.
Condition condition_of(const SlabCondition& slab) {
    Condition condition{Word::counter,
                        static_cast<uint8_t>(slab.word),
                        WaitListModel::type_counter,
                        slab.expected_value,
                        record_cookie,
                        0};
    switch (slab.words) {
        case TaskWords::counters:
            break;
        case TaskWords::records:
            condition.word = Word::record;
            condition.type = WaitListModel::type_record;
            break;
        case TaskWords::null:
            condition.word = Word::null;
            break;
        case TaskWords::unknown_type:
            condition.type = WaitListModel::type_unknown;
            break;
    }
    return condition;
}

class Model final : WaitListTasks {
  public:
    std::optional<Finding> judge(const SchedulerStepSchedule& schedule,
                                 const SchedulerStepHistory& history) {
        schedule_ = &schedule;
        history_ = &history;
        reset();
        while (at_ < history.events.size() && !finding_) {
            action();
        }
        if (!finding_) {
            judge_end();
        }
        return finding_;
    }

  private:
    /// What a thread knows of the run's progress.
    struct Watch {
        bool is_on;
        uint64_t progress_seen;
        uint64_t since;
    };

    // The frame.

    void reset() {
        at_ = 0;
        finding_.reset();
        tasks_.reset(*schedule_);
        cores_.reset(*schedule_);
        watches_.assign(schedule_->sizes().threads, {});
        wait_.reset(schedule_->platform.mailbox_capacity());
        gap_token_ = 0;
        error_ = 0;
        is_finished_ = lock_is_held_ = false;
        full_pushes_ = progress_ = clock_ = 0;
        turn_ = threads_left_ = 0;
    }

    const SchedulerEvent& peek() const {
        static constexpr SchedulerEvent end{.kind = Kind::stuck};
        return at_ < history_->events.size() ? history_->events[at_] : end;
    }

    bool is_stopped() const { return error_ != 0; }

    void latch(int32_t code) {
        if (error_ == 0) {
            error_ = code;
        }
    }

    void action() {
        const SchedulerEvent event = history_->events[at_++];
        tasks_.begin_action();
        if (perform(event) && !finding_) {
            judge_outcome();
        }
    }

    /// Follows one action. Returns whether the history shows an outcome of it.
    bool perform(const SchedulerEvent& event) {
        switch (event.kind) {
            case Kind::submit:
                submit(event);
                return true;
            case Kind::begin_scope:
                tasks_.begin_scope();
                return true;
            case Kind::end_scope:
                if (tasks_.end_scope() != (event.code != 0)) {
                    fail(Verdict::wrong_submission, "the end of a scope that is not open");
                }
                return true;
            case Kind::finish_submission:
                while (tasks_.end_scope()) {
                }
                is_finished_ = true;
                return true;
            case Kind::turn:
                turn(event);
                return true;
            case Kind::wait:
                wait(event.which);
                return true;
            case Kind::leave:
                leave(event.which);
                return true;
            case Kind::leave_gap:
                leave_gap(event);
                return true;
            case Kind::fill_gap:
                fill_gap(event);
                return true;
            case Kind::hold_lock:
            case Kind::release_lock:
                lock_is_held_ = event.kind == Kind::hold_lock;
                return true;
            case Kind::push_unknown:
                push_unknown(event);
                return true;
            case Kind::stop:
                latch(event.code);
                counters.reached(State::stopped_from_outside);
                return true;
            default:
                perform_outside(event);
                return false;
        }
    }

    /// Actions of the machine, which the scheduler does not see at once.
    void perform_outside(const SchedulerEvent& event) {
        switch (event.kind) {
            case Kind::core_ack:
                cores_.set_status(event.which, event.id);
                return;
            case Kind::core_fin:
                cores_.set_status(event.which, event.id | 0x80000000);
                return;
            case Kind::set_counter:
                wait_.memory().counters[event.which] = event.id;
                return;
            case Kind::set_record:
                wait_.memory().records[event.which] = record_cookie;
                return;
            case Kind::advance_clock:
                clock_ += event.word;
                return;
            case Kind::stuck:
                fail(Verdict::not_ended, "cores and engines are done, and the run has not ended");
                return;
            default:
                fail(Verdict::wrong_read, "the scheduler did something that no action asked for");
                return;
        }
    }

    /// What an action left behind: tasks that changed, and what can be observed.
    void judge_outcome() {
        seen_completed_.clear();
        seen_consumed_.clear();
        for (; peek().kind == Kind::completed || peek().kind == Kind::consumed; ++at_) {
            (peek().kind == Kind::completed ? seen_completed_ : seen_consumed_)
                .push_back(tasks_.of_operation(peek().index));
        }
        std::sort(seen_completed_.begin(), seen_completed_.end());
        const std::vector<uint32_t>& completed = tasks_.completed_now();
        const std::vector<uint32_t>& consumed = tasks_.consumed_now();
        if (seen_completed_ != completed) {
            fail(Verdict::wrong_completion,
                 "completed:" + list(seen_completed_) + ", should be:" + list(completed));
        } else if (seen_consumed_ != consumed) {
            fail(Verdict::wrong_release,
                 "freed:" + list(seen_consumed_) + ", should be:" + list(consumed));
        } else if (peek().kind != Kind::observed) {
            fail(Verdict::wrong_dispatch, "the scheduler did more than the action asked for");
        } else {
            judge_observation(history_->observations[peek().index]);
            ++at_;
        }
    }

    void judge_observation(const SchedulerObservation& seen) {
        if (!finding_ && seen.is_lock_free == lock_is_held_) {
            fail(Verdict::lock_held, "the wait list's lock was left taken");
        }
        check(Verdict::wrong_error, "the run's error", seen.error_code, error_);
        check(Verdict::wrong_error, "the run was stopped", seen.is_stopped, is_stopped());
        check(Verdict::wrong_error, "the wait list's error", seen.sticky_error, wait_.error());
        check(Verdict::wrong_completion, "tasks completed", seen.completed, tasks_.completed());
        check(Verdict::wrong_count, "waiting tasks", seen.waiting_tasks, wait_.waiting().size());
        check(Verdict::wrong_count, "messages in the mailbox", seen.mailbox_depth, wait_.depth());
        check(Verdict::wrong_count, "pushes that met a full mailbox", seen.full_pushes,
              full_pushes_);
        for (size_t ring = 0; ring < tasks_.ring_count(); ++ring) {
            check(Verdict::wrong_release, "the watermark of ring", seen.watermarks[ring],
                  tasks_.watermark(ring), ring);
        }
        for (size_t thread = 0; thread < watches_.size(); ++thread) {
            check(Verdict::wrong_count, "releases buffered by thread",
                  seen.releases_buffered[thread], tasks_.releases_buffered(thread), thread);
        }
    }

    void judge_end() {
        latch(wait_.error());
        if (!is_stopped() && wait_.has_pending()) {
            counters.reached(State::late_message);
            error_ = registration_failed;
        }
        const int32_t status = error_ > 0 ? -error_ : error_;
        check(Verdict::wrong_error, "the run's status", history_->status_at_end, status);
        if (status == 0) {
            counters.reached(State::good_end);
            if (tasks_.completed() != tasks_.size()) {
                fail(Verdict::not_ended, "the run ended well with tasks left");
            } else if (!history_->is_clean_at_end) {
                fail(Verdict::not_clean, "the run ended well and left something behind");
            }
        }
    }

    void submit(const SchedulerEvent& event) {
        const SchedulerTask& spec = schedule_->operations[event.index].task;
        const int32_t code = tasks_.submission_code(spec);
        check(Verdict::wrong_submission, "the submission's code", event.code, code);
        if (finding_ || code != 0) {
            return;
        }
        const uint64_t id = tasks_.submission_id(spec);
        const bool has_to_wait = id == SchedulerTaskModel::invalid_id;
        check(Verdict::wrong_submission,
              has_to_wait ? "the id of a task that has to wait" : "the task's id", event.word, id);
        if (!finding_ && !has_to_wait) {
            tasks_.add(event.index, spec);
            ++progress_;
        }
    }

    // A thread's turn.

    void turn(const SchedulerEvent& event) {
        const uint32_t thread = event.which;
        ++turn_;
        bool has_progress = read_cores(thread);
        if (!finding_ && wait_.has_pending()) {
            has_progress |= poll(thread);
        }
        has_progress |= !finding_ && dummies(thread);
        has_progress |= !finding_ && dispatches(thread);
        if (!finding_) {
            check(Verdict::wrong_count, "the turn got something done", event.code, has_progress);
        }
        if (!finding_ && !is_stopped()) {
            find_work_left(thread);
        }
    }

    bool read_cores(uint32_t thread) {
        cores_.expect_reads(thread);
        bool has_progress = false;
        while (!finding_ && peek().kind == Kind::read_status) {
            const SchedulerEvent read = history_->events[at_++];
            if (!cores_.take_due(read.which) || !cores_.says(read.which, read.id)) {
                fail(Verdict::wrong_read, "core " + std::to_string(read.which) +
                                              " is not busy, not this thread's, or read twice");
                return false;
            }
            const StatusMeaning meaning = cores_.read(read.which, read.id);
            for (uint32_t i = 0; i < meaning.ended_count; ++i) {
                fin(meaning.ended[i], thread);
            }
            has_progress |= meaning.is_news;
        }
        if (const auto core = cores_.first_due(); core && !finding_) {
            fail(Verdict::wrong_read,
                 "core " + std::to_string(*core) + " is busy and was not looked at");
        }
        return has_progress;
    }

    /// The FIN of one subtask.
    void fin(const ModelDispatch& dispatch, uint32_t thread) {
        if (is_stopped() || finding_) {
            return;
        }
        count_fin(dispatch, thread);
        ++progress_;
    }

    void count_fin(const ModelDispatch& dispatch, uint32_t thread) {
        ModelTask& task = tasks_[dispatch.task];
        slab_content(*task.spec, dispatch.block, dispatch.subtask, content_);
        if (content_.error_code != 0 || content_.count > slab_conditions_max) {
            count_slab_states();
            latch(content_.error_code != 0 ? content_.error_code : registration_failed);
            return;
        }
        if (content_.count != 0) {
            if (task.subtasks() == 1 && register_task(task.token)) {
                return;
            }
            task.is_deferred = true;
            if (!push_conditions(task.token, thread)) {
                return;
            }
        } else {
            task.has_plain_subtask = true;
        }
        if (++task.fins != task.subtasks()) {
            return;
        }
        counters.reached_if(task.is_deferred && task.has_plain_subtask,
                            State::some_subtasks_deferred);
        if (task.is_deferred) {
            messages_.assign(1, {MessageKind::normal_done, true, 0, task.token, {}});
            push_messages(thread);
        } else {
            counters.reached(State::completed_inline);
            complete_task(dispatch.task, thread);
        }
    }

    void count_slab_states() {
        counters.reached_if(content_.error_code > 0, State::slab_error);
        counters.reached_if(content_.error_code < 0, State::slab_negative);
        counters.reached_if(content_.error_code == 102, State::slab_overfull);
        counters.reached_if(content_.error_code == 0, State::slab_corrupt);
    }

    bool push_conditions(uint64_t token, uint32_t thread) {
        messages_.clear();
        for (const SlabCondition& condition : content_.conditions) {
            messages_.push_back({MessageKind::condition, true, 0, token, condition_of(condition)});
        }
        return push_messages(thread);
    }

    /// The only subtask of a task registers it in one message, if the mailbox has room for that.
    bool register_task(uint64_t token) {
        conditions_.clear();
        for (const SlabCondition& condition : content_.conditions) {
            conditions_.push_back(condition_of(condition));
        }
        const bool is_registered = wait_.push_registration(token, 0, conditions_) != 0;
        counters.reached(is_registered ? State::registered : State::registration_without_room);
        return is_registered;
    }

    /// Pushes as much as fits, and helps to drain while something is left. False when the run ends
    /// first.
    bool push_messages(uint32_t thread) {
        size_t pushed = 0;
        for (;;) {
            for (; pushed < messages_.size() && wait_.room() != 0; ++pushed) {
                wait_.push(messages_[pushed]);
            }
            if (pushed == messages_.size()) {
                return true;
            }
            ++full_pushes_;
            if (is_stopped()) {
                counters.reached(State::full_mailbox_stopped);
                return false;
            }
            counters.reached(State::full_mailbox_helped);
            poll(thread);
            if (is_stopped()) {
                counters.reached(State::error_in_helper);
                return false;
            }
            watch(thread);
            counters.reached_if(is_stopped(), State::full_mailbox_timed_out);
            if (!idle(thread)) {
                return false;
            }
        }
    }

    /// One poll by this thread. Returns whether a task completed.
    bool poll(uint32_t thread) {
        if (lock_is_held_) {
            counters.reached(State::poll_meets_lock);
            return false;
        }
        const uint64_t before = tasks_.completed();
        const uint64_t satisfied_before = wait_.satisfied();
        const bool had_error = wait_.error() != 0;
        polling_thread_ = thread;
        const WaitListModel::Outcome outcome = wait_.poll(*this, /*has_scheduler=*/true);
        progress_ += outcome.taken + (wait_.satisfied() - satisfied_before);
        counters.reached_if(outcome.error == 0 && wait_.depth() != 0, State::gap_stops_drain);
        if (outcome.error != 0) {
            counters.reached_if(!had_error && outcome.error == 101, State::condition_invalid);
            counters.reached_if(!had_error && outcome.error == 102, State::task_65_waits);
            counters.reached_if(!had_error && outcome.error == 103, State::condition_65);
            latch(outcome.error);
        }
        return tasks_.completed() != before;
    }

    // The tasks, as the model of the wait list sees them: by their tokens.

    uint64_t slot_of(const WaitListMessage& message) override { return message.task; }
    bool is_pending(uint64_t token) const override {
        return !tasks_[tasks_.of_token(token)].is_completed;
    }
    void complete(uint64_t token) override {
        counters.reached(State::completed_by_poll);
        complete_task(tasks_.of_token(token), polling_thread_);
    }

    void complete_task(uint32_t task, uint32_t thread) {
        tasks_.complete(task, thread);
        ++progress_;
    }

    /// Dummies that completed are allowed if they were ready, and no more than a batch; if fewer,
    /// none may be left that is ready.
    bool dummies(uint32_t thread) {
        collect_completed_dummies();
        std::vector<uint32_t>& seen = seen_completed_;
        const size_t batch = seen.size();
        for (bool found = true; found;) {
            const auto ready = std::find_if(seen.begin(), seen.end(), [this](uint32_t task) {
                return tasks_[task].is_ready();
            });
            found = ready != seen.end();
            if (found) {
                const uint32_t dummy = *ready;
                seen.erase(ready);
                complete_task(dummy, thread);
            }
        }
        if (!seen.empty()) {
            fail(Verdict::wrong_completion, "a dummy completed before what it comes after");
        } else if (batch > dummy_batch) {
            fail(Verdict::wrong_completion, "more dummies than a batch completed in one turn");
        } else if (batch < dummy_batch &&
                   tasks_.has_ready([](const ModelTask& t) { return t.is_dummy(); })) {
            fail(Verdict::idle_with_work, "a dummy is ready and was left");
        }
        counters.reached_if(batch == dummy_batch, State::batch_of_dummies);
        return batch != 0;
    }

    /// The dummies that the rest of the action shows as completed.
    void collect_completed_dummies() {
        seen_completed_.clear();
        for (size_t i = at_;
             i < history_->events.size() && history_->events[i].kind != Kind::observed; ++i) {
            const SchedulerEvent& event = history_->events[i];
            if (event.kind != Kind::completed) {
                continue;
            }
            const uint32_t task = tasks_.of_operation(event.index);
            if (task != unknown_task && tasks_[task].is_dummy() && !tasks_[task].is_completed) {
                seen_completed_.push_back(task);
            }
        }
    }

    bool dispatches(uint32_t thread) {
        bool any = false;
        for (; !finding_ && peek().kind == Kind::doorbell; ++at_) {
            dispatch(peek(), thread);
            any = true;
        }
        for (size_t i = 0; !finding_ && i < tasks_.size(); ++i) {
            judge_blocks(tasks_[i]);
        }
        return any;
    }

    void dispatch(const SchedulerEvent& event, uint32_t thread) {
        if (!cores_.is_own(event.which, thread)) {
            fail(Verdict::wrong_dispatch, "the core does not exist, or is another thread's");
            return;
        }
        const char* fault = tasks_.dispatch_fault(event);
        if (fault == nullptr) {
            fault = cores_.dispatch_fault(event.which, event.id);
        }
        if (fault != nullptr) {
            fail(Verdict::wrong_dispatch, fault);
            return;
        }
        const uint32_t number = tasks_.of_operation(event.index);
        if (is_hoarded(tasks_[number], event.which)) {
            fail(Verdict::wrong_dispatch, "dispatched ahead, and an idle core could have taken it");
            return;
        }
        note_passed(tasks_[number]);
        const uint32_t subtask = tasks_.note_dispatch(event, turn_);
        cores_.note_dispatch(event.which, event.id,
                             {number, static_cast<uint32_t>(event.code), subtask});
        const ModelTask& task = tasks_[number];
        progress_ += task.subtasks_dispatched % task.cores_per_block() == 0;
    }

    /// Is a block dispatched to a busy core although idle ones, of any thread, could take it?
    bool is_hoarded(const ModelTask& task, uint32_t core) {
        if (task.subtasks_dispatched % task.cores_per_block() == 0) {
            block_has_idle_place_ = false;
            for (uint32_t thread = 0; thread < schedule_->sizes().threads; ++thread) {
                block_has_idle_place_ |=
                    cores_.has_place(task.spec->cores, thread, /*ahead=*/false);
            }
        }
        return block_has_idle_place_ && !cores_.is_idle(core);
    }

    /// Counts a task for several cores that is placed while an older one waits.
    void note_passed(const ModelTask& placed) {
        for (const ModelTask& task : tasks_) {
            if (&task == &placed) {
                return;
            }
            counters.reached_if(placed.is_mixed() && task.is_mixed() && task.is_ready() &&
                                    task.has_blocks_left() && !task.is_completed,
                                State::mixed_passed_mixed);
        }
    }

    /// A block is dispatched as a whole within a turn.
    void judge_blocks(const ModelTask& task) {
        if (task.is_mixed() && task.last_dispatch_turn == turn_ &&
            task.subtasks_dispatched % task.cores_per_block() != 0) {
            fail(Verdict::wrong_dispatch, "a block was dispatched to some of its cores only");
        }
    }

    /// No core of the thread may be idle that a waiting task could use, and none may be without a
    /// task ahead that no idle core of any thread could take.
    void find_work_left(uint32_t thread) {
        for (const ModelTask& task : tasks_) {
            if (finding_ || task.is_dummy() || !task.is_ready() || !task.has_blocks_left()) {
                continue;
            }
            const uint32_t threads = schedule_->sizes().threads;
            bool has_idle_place = false;
            for (uint32_t other = 0; other < threads; ++other) {
                has_idle_place |= cores_.has_place(task.spec->cores, other, /*ahead=*/false);
            }
            if (cores_.has_place(task.spec->cores, thread, /*ahead=*/false)) {
                fail(Verdict::idle_with_work, "a task waits, and idle cores could take it");
            } else if (cores_.has_place(task.spec->cores, thread, /*ahead=*/true)) {
                counters.reached_if(has_idle_place, State::left_to_another_thread);
                if (!has_idle_place) {
                    fail(Verdict::idle_with_work, "a task waits, and cores could take it ahead");
                }
            }
        }
    }

    // Waiting, leaving, and what other threads do.

    void wait(uint32_t thread) {
        tasks_.flush(thread);
        latch(wait_.error());
        watch(thread);
        idle(thread);
    }

    /// Ends the run if nothing was done for too long while something was due.
    void watch(uint32_t thread) {
        Watch& watch = watches_[thread];
        if (!is_finished_ && tasks_.completed() == tasks_.size()) {
            watch.is_on = false;
            return;
        }
        if (!watch.is_on || watch.progress_seen != progress_) {
            watch = {true, progress_, clock_};
        } else if (clock_ - watch.since >= schedule_->watchdog_units) {
            counters.reached_if(!is_stopped(), State::watchdog_expired);
            latch(timeout);
        }
    }

    bool idle(uint32_t thread) {
        if (peek().kind != Kind::idle || peek().which != thread) {
            fail(Verdict::wrong_count, "a thread that waits did not let time pass");
            return false;
        }
        ++at_;
        ++clock_;
        return true;
    }

    void leave(uint32_t thread) {
        tasks_.flush(thread);
        if (++threads_left_ == schedule_->sizes().threads) {
            skip_diagnosis();
            if (error_ == timeout) {
                cores_.give_up_silent();
            }
            tell_cores_to_leave();
            wait_for_cores(thread);
        }
    }

    /// A diagnosis looks at cores, any of them.
    void skip_diagnosis() {
        for (; !finding_ && error_ == timeout && peek().kind == Kind::read_status; ++at_) {
            if (!cores_.says(peek().which, peek().id)) {
                fail(Verdict::wrong_read, "a core that does not exist, or does not say that");
            }
        }
    }

    void tell_cores_to_leave() {
        cores_.expect_all();
        for (; !finding_ && is_doorbell(SchedulerCoreModel::exit_id); ++at_) {
            if (!cores_.take_due(peek().which)) {
                fail(Verdict::wrong_dispatch, "a core does not exist, or was told to leave twice");
            }
            note_cores_that_left();
        }
        if (const auto core = cores_.first_due(); core && !finding_) {
            fail(Verdict::wrong_dispatch,
                 "core " + std::to_string(*core) + " was not told to leave before the wait");
        }
    }

    bool is_doorbell(uint32_t id) const { return peek().kind == Kind::doorbell && peek().id == id; }

    void note_cores_that_left() {
        while (at_ + 1 < history_->events.size() &&
               history_->events[at_ + 1].kind == Kind::core_left) {
            ++at_;
            cores_.set_status(peek().which, SchedulerCoreModel::exited_status);
        }
    }

    /// Every core that has left is told to be idle; the others get the watchdog's time, together,
    /// unless they were given up.
    void wait_for_cores(uint32_t thread) {
        cores_.expect_all();
        const uint64_t begin = clock_;
        while (!finding_ && is_part_of_wait()) {
            wait_for_core(thread);
        }
        const uint64_t waited = clock_ - begin;
        if (finding_ || (!cores_.first_due() && waited <= schedule_->watchdog_units)) {
            return;
        }
        counters.reached_if(!cores_.is_one_waited_for(), State::silent_core_given_up);
        if (cores_.is_one_waited_for() ? waited != schedule_->watchdog_units
                                       : waited > schedule_->watchdog_units) {
            fail(Verdict::wrong_dispatch,
                 "cores were not waited for, or for longer than the watchdog's limit");
            return;
        }
        counters.reached(State::core_did_not_leave);
        latch(timeout);
    }

    bool is_part_of_wait() const {
        return peek().kind == Kind::read_status || peek().kind == Kind::idle ||
               peek().kind == Kind::doorbell;
    }

    void wait_for_core(uint32_t thread) {
        const SchedulerEvent& event = peek();
        if (event.kind == Kind::idle) {
            if (!cores_.is_one_to_leave()) {
                fail(Verdict::wrong_dispatch, "a core that had the watchdog's time got more");
            }
            note_cores_that_left();
            counters.reached(State::waited_for_a_core);
            ++clock_;
            if (event.which != thread) {
                fail(Verdict::wrong_count, "another thread let time pass");
            }
        } else if (event.kind == Kind::read_status) {
            if (!cores_.says(event.which, event.id)) {
                fail(Verdict::wrong_read, "a core that does not exist, or does not say that");
            }
        } else if (event.id != SchedulerCoreModel::idle_id ||
                   !cores_.says(event.which, SchedulerCoreModel::exited_status) ||
                   !cores_.take_due(event.which)) {
            fail(Verdict::wrong_dispatch, "only a core that has left is told to be idle, once");
        }
        ++at_;
    }

    void leave_gap(const SchedulerEvent& event) {
        const uint32_t taken = wait_.leave_gap();
        check(Verdict::wrong_count, "room for a claim", event.code, taken);
        gap_token_ = event.word;
    }

    void fill_gap(const SchedulerEvent& event) {
        if (wait_.has_gap()) {
            wait_.fill_gap(gap_token_, condition_of({TaskWords::counters, event.id, 0}));
        }
    }

    void push_unknown(const SchedulerEvent& event) {
        const uint32_t taken = wait_.push({MessageKind::unknown, true, 0, 1, {}});
        check(Verdict::wrong_count, "room for a message", event.code, taken);
    }

    // Findings.

    /// Fails unless the two are equal; `number`, if there is one, says which of several is meant.
    template <class Actual, class Expected>
    void check(Verdict verdict, const char* what, Actual actual, Expected expected,
               size_t number = no_number) {
        const auto a = static_cast<int64_t>(actual);
        const auto e = static_cast<int64_t>(expected);
        if (!finding_ && a != e) {
            fail(verdict, what + (number == no_number ? "" : " " + std::to_string(number)) + ": " +
                              std::to_string(a) + " (should be " + std::to_string(e) + ")");
        }
    }

    std::string list(const std::vector<uint32_t>& tasks) const {
        std::string text;
        for (const uint32_t task : tasks) {
            text +=
                task == unknown_task ? " unknown" : " #" + std::to_string(tasks_[task].operation);
        }
        return text.empty() ? " none" : text;
    }

    void fail(Verdict verdict, const std::string& sentence) {
        if (finding_) {
            return;
        }
        std::string details = "events; #n is the task that operation n submitted:\n";
        if (const size_t count = history_->events.size(); count != 0) {
            details += lines_up_to(std::min(at_, count - 1), events_shown_max, [this](size_t i) {
                return describe(*schedule_, *history_, history_->events[i]);
            });
        }
        finding_ =
            Finding{scheduler_verdict_words[verdict], sentence, details + history_->diagnosis.text};
    }

    const SchedulerStepSchedule* schedule_ = nullptr;
    const SchedulerStepHistory* history_ = nullptr;
    size_t at_ = 0;
    std::optional<Finding> finding_;
    SchedulerTaskModel tasks_;
    SchedulerCoreModel cores_;
    WaitListModel wait_;
    std::vector<Watch> watches_;
    SlabContent content_{};
    std::vector<uint32_t> seen_completed_;
    std::vector<uint32_t> seen_consumed_;
    std::vector<WaitListMessage> messages_;
    std::vector<Condition> conditions_;
    uint64_t gap_token_ = 0;
    uint32_t polling_thread_ = 0;
    int32_t error_ = 0;
    bool is_finished_ = false;
    bool lock_is_held_ = false;
    uint64_t full_pushes_ = 0;
    uint64_t progress_ = 0;
    uint64_t clock_ = 0;
    bool block_has_idle_place_ = false;
    uint32_t turn_ = 0;
    uint32_t threads_left_ = 0;
};

/// The first event that differs, or whose observation does; the shorter length if none does.
size_t first_difference(const SchedulerStepHistory& first, const SchedulerStepHistory& second) {
    const size_t common = std::min(first.events.size(), second.events.size());
    for (size_t i = 0; i < common; ++i) {
        const SchedulerEvent& event = first.events[i];
        if (event != second.events[i] ||
            (event.kind == Kind::observed &&
             first.observations[event.index] != second.observations[event.index])) {
            return i;
        }
    }
    return common;
}

std::string event_text(const SchedulerStepSchedule& schedule, const SchedulerStepHistory& history,
                       size_t at) {
    return at < history.events.size() ? describe(schedule, history, history.events[at])
                                      : "the end, status " + std::to_string(history.status_at_end);
}

/// The difference between the histories of the first platform and another.
Finding difference(const SchedulerStepSchedule& schedule, const PlatformPairHistory& history,
                   size_t other) {
    const SchedulerStepHistory& first = history.of_platform[0];
    const SchedulerStepHistory& second = history.of_platform[other];
    const size_t at = first_difference(first, second);
    std::string text;
    for (size_t i = at > events_shown_max ? at - events_shown_max : 0; i < at; ++i) {
        text += "  " + event_text(schedule, first, i) + "\n";
    }
    for (const size_t platform : {size_t{0}, other}) {
        text += std::string(pto::platform_names[platform]) + ": " +
                event_text(schedule, history.of_platform[platform], at) + "\n";
    }
    return {scheduler_verdict_words[Verdict::platforms_differ],
            "the same schedule ran differently on another platform", text};
}

}  // namespace

std::optional<Finding> judge(const SchedulerStepSchedule& schedule,
                             const SchedulerStepHistory& history) {
    static Model model;
    return model.judge(schedule, history);
}

std::optional<Finding> judge(const PlatformPairSchedule& schedule,
                             const PlatformPairHistory& history) {
    for (size_t other = 1; other < history.of_platform.size(); ++other) {
        if (history.of_platform[other] != history.of_platform[0]) {
            return difference(schedule, history, other);
        }
    }
    return judge(schedule, history.of_platform.back());
}

std::vector<StateCount> scheduler_step_states() { return scheduler_counters.snapshot(); }

}  // namespace fuzz
