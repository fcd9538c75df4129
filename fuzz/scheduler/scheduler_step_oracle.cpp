// The model of the scheduler; see the header. Read next to the contract.
#include "fuzz/scheduler/scheduler_step_oracle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/state_counters.h"
#include "fuzz/scheduler/scheduler_wait_model.h"

namespace fuzz {
namespace {

using Kind = SchedulerEventKind;

enum class Verdict : uint8_t {
    wrong_submission,  ///< accepted, refused or delayed against the contract
    wrong_read,        ///< a busy core was not looked at, or one twice
    wrong_dispatch,    ///< a subtask that may not run there, or not now, or not again
    wrong_completion,  ///< a task completed early, late or not at all
    wrong_release,     ///< a slot was freed early, late or not at all
    wrong_error,       ///< another error than the contract's, or none
    wrong_count,       ///< messages, entries, refused pushes or buffered releases
    idle_with_work,    ///< work was left that a thread could have done
    lock_held,         ///< the wait list's lock was left taken
    not_ended,         ///< the run did not end
    not_clean,         ///< a good run left something behind
    platforms_differ,
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::wrong_submission, "wrong-submission"},
    {Verdict::wrong_read, "wrong-read"},
    {Verdict::wrong_dispatch, "wrong-dispatch"},
    {Verdict::wrong_completion, "wrong-completion"},
    {Verdict::wrong_release, "wrong-release"},
    {Verdict::wrong_error, "wrong-error"},
    {Verdict::wrong_count, "wrong-count"},
    {Verdict::idle_with_work, "idle-with-work"},
    {Verdict::lock_held, "lock-held"},
    {Verdict::not_ended, "not-ended"},
    {Verdict::not_clean, "not-clean"},
    {Verdict::platforms_differ, "platforms-differ"},
});

enum class State : uint8_t {
    window_full,
    held_by_scope,
    refused_argument,
    refused_dependency,
    records_full,
    dependency_met_before,
    slot_reused,
    id_wrapped,
    task_split,
    mixed_dispatched,
    dispatched_ahead,
    promoted,
    running_fin_hidden,
    pending_fin,
    dispatch_id_wrapped,
    dummy_chain,
    batch_of_dummies,
    completed_inline,
    completed_by_poll,
    some_subtasks_deferred,
    condition_65,
    task_65_waits,
    slab_error,
    slab_negative,
    slab_overfull,
    slab_corrupt,
    full_mailbox_helped,
    full_mailbox_stopped,
    full_mailbox_timed_out,
    gap_stops_drain,
    poll_meets_lock,
    watchdog_expired,
    stopped_from_outside,
    late_message,
    release_buffer_full,
    consumed_by_scope_end,
    consumed_by_consumer,
    condition_invalid,
    error_in_helper,
    good_end,
    count,
};

StateCounters<State> counters({{
    {State::window_full, "a submission waited for the window"},
    {State::held_by_scope, "a submission met a ring that open scopes hold"},
    {State::refused_argument, "a submission with an argument out of range"},
    {State::refused_dependency, "a dependency that was never submitted"},
    {State::records_full, "a submission waited for dependency records"},
    {State::dependency_met_before, "a dependency was met before the submission"},
    {State::slot_reused, "a slot was used again"},
    {State::id_wrapped, "a task's number passed 2^32"},
    {State::task_split, "a task's blocks were dispatched in several turns"},
    {State::mixed_dispatched, "a block on several cores"},
    {State::dispatched_ahead, "a task was dispatched ahead"},
    {State::promoted, "a pending task started"},
    {State::running_fin_hidden, "a running FIN with a task pending"},
    {State::pending_fin, "a pending FIN that was never seen to start"},
    {State::dispatch_id_wrapped, "a core's dispatch ids began again"},
    {State::dummy_chain, "a dummy made a dummy ready"},
    {State::batch_of_dummies, "a full batch of dummies"},
    {State::completed_inline, "a task completed on its last FIN"},
    {State::completed_by_poll, "a waiting task completed"},
    {State::some_subtasks_deferred, "a task with deferred subtasks and others"},
    {State::condition_65, "a 65th condition of a task"},
    {State::task_65_waits, "a 65th waiting task"},
    {State::slab_error, "an error in a slab"},
    {State::slab_negative, "a negative error in a slab"},
    {State::slab_overfull, "a 65th condition in a slab"},
    {State::slab_corrupt, "a corrupt count in a slab"},
    {State::full_mailbox_helped, "a full mailbox was drained by the pusher"},
    {State::full_mailbox_stopped, "a run ended in front of a full mailbox"},
    {State::full_mailbox_timed_out, "the watchdog ended a wait for room"},
    {State::gap_stops_drain, "a drain stopped at an unpublished ticket"},
    {State::poll_meets_lock, "a poll met a held lock"},
    {State::watchdog_expired, "the watchdog ended a run"},
    {State::stopped_from_outside, "another thread ended the run"},
    {State::late_message, "a message was left at the end"},
    {State::release_buffer_full, "a full release buffer was emptied first"},
    {State::consumed_by_scope_end, "the end of a scope freed a slot"},
    {State::consumed_by_consumer, "a consumer's release freed a slot"},
    {State::condition_invalid, "a condition that cannot be tested"},
    {State::error_in_helper, "an error in the poll of a thread that waited for room"},
    {State::good_end, "a run ended well"},
}});

constexpr uint32_t cores_per_cluster = 3;
constexpr uint32_t no_dispatch = 0x7fffffff;
constexpr uint32_t exit_id = 0x7ffffffe;
constexpr uint32_t reserved_id = 0x7ffffffd;
constexpr uint32_t fin_bit = 0x80000000;
constexpr uint32_t none = ~uint32_t{0};
constexpr uint64_t no_number = ~uint64_t{0};
constexpr uint64_t invalid_id = ~uint64_t{0};
constexpr int32_t invalid_arguments = 5;
constexpr int32_t timeout = 100;
constexpr int32_t registration_failed = 103;
constexpr uint32_t slab_conditions_max = 64;
constexpr int32_t subtasks_max = 32767;
constexpr size_t releases_max = 256;
constexpr size_t dummy_batch = 16;
constexpr size_t events_shown_max = 16;

struct Task {
    const SchedulerTask* spec;
    uint32_t operation;
    uint32_t ring;
    uint64_t number;
    uint64_t token;
    uint64_t first_record;
    uint32_t open_dependencies;
    std::vector<uint32_t> consumers;
    std::vector<uint32_t> producers_held;
    uint32_t holds;
    uint32_t holds_given_back;
    bool is_completed;
    bool is_consumed;
    bool is_deferred;
    bool has_plain_subtask;
    uint32_t fins;
    uint32_t subtasks_dispatched;
    uint32_t last_dispatch_turn;
    std::vector<uint8_t> block_cores;  ///< of each block, the cores that have it
    std::vector<uint32_t> block_cluster;

    uint32_t cores_per_block() const { return static_cast<uint32_t>(std::popcount(spec->cores)); }
    uint32_t subtasks() const {
        return spec->cores == 0 ? 0 : cores_per_block() * static_cast<uint32_t>(spec->block_num);
    }
    bool is_ready() const { return open_dependencies == 0; }
    bool is_single_vector() const { return spec->cores == 2 || spec->cores == 4; }
    bool is_mixed() const { return cores_per_block() > 1; }
    bool has_blocks_left() const { return subtasks_dispatched < subtasks(); }
};

struct Dispatch {
    uint32_t task;
    uint32_t block;
    uint32_t subtask;
};

struct Core {
    uint32_t running;
    uint32_t pending;
    bool is_occupied;
    uint32_t next_id;
    std::array<Dispatch, 2> dispatches;
    uint32_t status;  ///< what the core itself wrote last
    bool is_due;      ///< to be read, or to be sent exit, in this action

    bool is_idle() const { return running == no_dispatch; }
    bool can_take() const { return is_idle() || !is_occupied; }
};

struct Ring {
    uint64_t next;
    uint64_t watermark;
    uint64_t next_record;
    uint64_t held_from;
    std::vector<uint32_t> tasks;  ///< by number, from the first on
};

struct Scope {
    uint32_t ring;
    size_t first_held;
    uint64_t held_from_before;
};

struct Thread {
    std::vector<uint32_t> releases;
    bool is_watching;
    uint64_t progress_seen;
    uint64_t since;
};

/// The tasks of a run. Keeps the memory of earlier runs' tasks for later ones.
class Tasks {
  public:
    void clear() { used_ = 0; }
    size_t size() const { return used_; }
    bool empty() const { return used_ == 0; }
    Task& operator[](size_t index) { return all_[index]; }
    const Task& operator[](size_t index) const { return all_[index]; }
    auto begin() const { return all_.begin(); }
    auto end() const { return all_.begin() + static_cast<std::ptrdiff_t>(used_); }

    /// A task of which nothing is known.
    Task& add() {
        if (used_ == all_.size()) {
            all_.emplace_back();
        }
        Task& task = all_[used_++];
        Task fresh{};
        for (auto list : {&Task::consumers, &Task::producers_held, &Task::block_cluster}) {
            (fresh.*list).swap(task.*list);
            (fresh.*list).clear();
        }
        fresh.block_cores.swap(task.block_cores);
        fresh.block_cores.clear();
        task = std::move(fresh);
        return task;
    }

  private:
    std::vector<Task> all_;
    size_t used_ = 0;
};

std::string text_of(const SchedulerStepSchedule& schedule, const SchedulerStepHistory& history,
                    const SchedulerEvent& event);

class Model {
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
    // The frame.

    void reset() {
        const SchedulerStepSchedule::Shape& sizes = schedule_->sizes();
        at_ = 0;
        finding_.reset();
        tasks_.clear();
        task_of_operation_.assign(schedule_->operations.size(), none);
        cores_.assign(size_t{sizes.clusters} * cores_per_cluster,
                      Core{no_dispatch, no_dispatch, false, first_id(), {}, first_status(), false});
        rings_.resize(sizes.rings);
        for (Ring& ring : rings_) {
            ring.next = ring.watermark = schedule_->first_task;
            ring.next_record = 0;
            ring.held_from = no_number;
            ring.tasks.clear();
        }
        scopes_ = {{0, 0, no_number}};
        held_.clear();
        threads_.resize(sizes.threads);
        for (Thread& thread : threads_) {
            thread.releases.clear();
            thread.is_watching = false;
        }
        wait_.reset(schedule_->is_a5, schedule_->has_small_mailbox ? 32 : 4096);
        error_ = 0;
        is_finished_ = lock_is_held_ = false;
        completed_ = full_pushes_ = progress_ = clock_ = 0;
        turn_ = 0;
    }

    uint32_t first_id() const {
        return schedule_->last_dispatch_id == no_dispatch ? 0
                                                          : id_after(schedule_->last_dispatch_id);
    }

    uint32_t first_status() const {
        return schedule_->last_dispatch_id == no_dispatch ? no_dispatch
                                                          : schedule_->last_dispatch_id | fin_bit;
    }

    /// The three largest numbers are not dispatches; even and odd alternate all the same.
    static uint32_t id_after(uint32_t id) { return id + 1 == reserved_id ? 1 : id + 1; }

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
        completed_now_.clear();
        consumed_now_.clear();
        switch (event.kind) {
            case Kind::submit:
                submit(event);
                break;
            case Kind::begin_scope:
                begin_scope();
                break;
            case Kind::end_scope:
                if (end_scope() != (event.code != 0)) {
                    fail(Verdict::wrong_submission, "the end of a scope that is not open");
                }
                break;
            case Kind::finish_submission:
                while (end_scope()) {
                }
                is_finished_ = true;
                break;
            case Kind::turn:
                turn(event);
                break;
            case Kind::wait:
                wait(event.which);
                break;
            case Kind::leave:
                leave(event.which);
                break;
            case Kind::core_ack:
                cores_[event.which].status = event.id;
                return;
            case Kind::core_fin:
                cores_[event.which].status = event.id | fin_bit;
                return;
            case Kind::set_counter:
                wait_.set_counter(event.which, event.id);
                return;
            case Kind::set_record:
                wait_.set_record(event.which);
                return;
            case Kind::advance_clock:
                clock_ += event.word;
                return;
            case Kind::leave_gap:
                leave_gap(event);
                break;
            case Kind::fill_gap:
                wait_.publish_gap({TaskWords::counters, event.id, 0});
                break;
            case Kind::hold_lock:
                lock_is_held_ = true;
                break;
            case Kind::release_lock:
                lock_is_held_ = false;
                break;
            case Kind::push_unknown:
                push_unknown(event);
                break;
            case Kind::stop:
                latch(event.code);
                counters.reached(State::stopped_from_outside);
                break;
            case Kind::stuck:
                fail(Verdict::not_ended, "cores and engines are done, and the run goes on");
                return;
            case Kind::read_status:
            case Kind::doorbell:
            case Kind::idle:
            case Kind::completed:
            case Kind::consumed:
            case Kind::observed:
                fail(Verdict::wrong_read, "the scheduler did something that no action asked for");
                return;
        }
        if (!finding_) {
            judge_outcome();
        }
    }

    /// What an action left behind: tasks that changed, and what can be observed.
    void judge_outcome() {
        seen_completed_.clear();
        seen_consumed_.clear();
        for (; peek().kind == Kind::completed || peek().kind == Kind::consumed; ++at_) {
            (peek().kind == Kind::completed ? seen_completed_ : seen_consumed_)
                .push_back(task_of_operation_[peek().index]);
        }
        std::sort(completed_now_.begin(), completed_now_.end());
        std::sort(consumed_now_.begin(), consumed_now_.end());
        if (seen_completed_ != completed_now_) {
            fail(Verdict::wrong_completion,
                 "completed:" + list(seen_completed_) + ", should be:" + list(completed_now_));
        } else if (seen_consumed_ != consumed_now_) {
            fail(Verdict::wrong_release,
                 "freed:" + list(seen_consumed_) + ", should be:" + list(consumed_now_));
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
        check(Verdict::wrong_completion, "tasks completed", seen.completed, completed_);
        check(Verdict::wrong_count, "waiting tasks", seen.waiting_tasks, wait_.waiting());
        check(Verdict::wrong_count, "messages in the mailbox", seen.mailbox_depth, wait_.depth());
        check(Verdict::wrong_count, "pushes that met a full mailbox", seen.full_pushes,
              full_pushes_);
        for (size_t ring = 0; ring < rings_.size(); ++ring) {
            check(Verdict::wrong_release, "the watermark of ring", seen.watermarks[ring],
                  rings_[ring].watermark, ring);
        }
        for (size_t thread = 0; thread < threads_.size(); ++thread) {
            check(Verdict::wrong_count, "releases buffered by thread",
                  seen.releases_buffered[thread], threads_[thread].releases.size(), thread);
        }
    }

    void judge_end() {
        latch(wait_.error());
        const bool is_message_left = wait_.has_pending();
        if (!is_stopped() && is_message_left) {
            counters.reached(State::late_message);
            error_ = registration_failed;
        }
        const int32_t status = error_ > 0 ? -error_ : error_;
        check(Verdict::wrong_error, "the run's status", history_->status_at_end, status);
        if (status == 0) {
            counters.reached(State::good_end);
            if (completed_ != tasks_.size()) {
                fail(Verdict::not_ended, "the run ended well with tasks left");
            } else if (!history_->is_clean_at_end) {
                fail(Verdict::not_clean, "the run ended well and left something behind");
            }
        }
    }

    // Submission.

    void submit(const SchedulerEvent& event) {
        const SchedulerTask& spec = schedule_->operations[event.index].task;
        const int32_t expected = submission_code(spec);
        check(Verdict::wrong_submission, "the submission's code", event.code, expected);
        if (finding_ || expected != 0) {
            return;
        }
        const Ring& ring = rings_[scopes_.back().ring];
        if (!fits(ring, ring.watermark, dependency_count(spec))) {
            counters.reached(ring.next - ring.watermark < schedule_->sizes().window
                                 ? State::records_full
                                 : State::window_full);
            check(Verdict::wrong_submission, "the id of a task that has to wait", event.word,
                  invalid_id);
            return;
        }
        const uint64_t token =
            uint64_t{scopes_.back().ring} << 32 | static_cast<uint32_t>(ring.next);
        check(Verdict::wrong_submission, "the task's id", event.word, token);
        if (!finding_) {
            add_task(event.index, spec, token);
        }
    }

    uint32_t dependency_count(const SchedulerTask& spec) const {
        uint32_t count = 0;
        for (uint32_t i = 0; i < spec.dependency_count; ++i) {
            count += spec.dependencies[i] == 0 || !tasks_.empty();
        }
        return count;
    }

    int32_t submission_code(const SchedulerTask& spec) {
        const int32_t cores = std::popcount(spec.cores);
        const bool is_out_of_range =
            spec.cores > 7 ||
            (cores != 0 && (spec.block_num < 1 || spec.block_num * cores > subtasks_max));
        if (scopes_.empty() || is_out_of_range) {
            counters.reached_if(is_out_of_range, State::refused_argument);
            return invalid_arguments;
        }
        for (uint32_t i = 0; i < spec.dependency_count; ++i) {
            if (spec.dependencies[i] == 0) {
                counters.reached(State::refused_dependency);
                return invalid_arguments;
            }
        }
        const Ring& ring = rings_[scopes_.back().ring];
        const uint64_t held_from = ring.held_from == no_number ? ring.next : ring.held_from;
        if (!fits(ring, held_from, dependency_count(spec))) {
            counters.reached(State::held_by_scope);
            return invalid_arguments;
        }
        return 0;
    }

    bool fits(const Ring& ring, uint64_t first_kept, uint64_t dependencies) const {
        const uint64_t records_from =
            first_kept == ring.next
                ? ring.next_record
                : tasks_[ring.tasks[first_kept - schedule_->first_task]].first_record;
        return ring.next - first_kept < schedule_->sizes().window &&
               ring.next_record - records_from + dependencies <=
                   schedule_->sizes().dependency_capacity;
    }

    void add_task(uint32_t operation, const SchedulerTask& spec, uint64_t token) {
        const auto index = static_cast<uint32_t>(tasks_.size());
        const uint32_t dependencies = dependency_count(spec);
        Ring& ring = rings_[scopes_.back().ring];
        Task& task = tasks_.add();
        task.spec = &spec;
        task.operation = operation;
        task.ring = scopes_.back().ring;
        task.number = ring.next;
        task.token = token;
        task.first_record = ring.next_record;
        task.holds = 2;
        for (uint32_t i = 0; i < dependencies; ++i) {
            const auto producer =
                static_cast<uint32_t>(index - tasks_ago(spec.dependencies[i], index));
            if (tasks_[producer].is_completed) {
                counters.reached(State::dependency_met_before);
                continue;
            }
            ++task.open_dependencies;
            ++tasks_[producer].holds;
            tasks_[producer].consumers.push_back(index);
            task.producers_held.push_back(producer);
        }
        if (spec.cores != 0) {
            task.block_cores.resize(static_cast<size_t>(spec.block_num));
            task.block_cluster.resize(static_cast<size_t>(spec.block_num), none);
        }
        counters.reached_if(ring.next - schedule_->first_task >= schedule_->sizes().window,
                            State::slot_reused);
        counters.reached_if(static_cast<uint32_t>(ring.next) == 0 && ring.next != 0,
                            State::id_wrapped);
        if (ring.held_from == no_number) {
            ring.held_from = ring.next;
        }
        ring.tasks.push_back(index);
        ++ring.next;
        ring.next_record += dependencies;
        held_.push_back(index);
        task_of_operation_[operation] = index;
        ++progress_;
    }

    void begin_scope() {
        const auto ring = static_cast<uint32_t>(std::min(scopes_.size(), rings_.size() - 1));
        scopes_.push_back({ring, held_.size(), rings_[ring].held_from});
    }

    bool end_scope() {
        if (scopes_.empty()) {
            return false;
        }
        const Scope scope = scopes_.back();
        scopes_.pop_back();
        rings_[scope.ring].held_from = scope.held_from_before;
        for (size_t i = scope.first_held; i < held_.size(); ++i) {
            give_back(held_[i], State::consumed_by_scope_end);
        }
        held_.resize(scope.first_held);
        return true;
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

    bool is_own(uint32_t core, uint32_t thread) const {
        return core < cores_.size() && core / cores_per_cluster % threads_.size() == thread;
    }

    bool read_cores(uint32_t thread) {
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            cores_[i].is_due = is_own(i, thread) && !cores_[i].is_idle();
        }
        bool has_progress = false;
        while (!finding_ && peek().kind == Kind::read_status) {
            const SchedulerEvent read = history_->events[at_++];
            if (!is_own(read.which, thread) || !cores_[read.which].is_due ||
                read.id != cores_[read.which].status) {
                fail(Verdict::wrong_read, "core " + std::to_string(read.which) +
                                              " is not busy, not this thread's, or read twice");
                return false;
            }
            Core& core = cores_[read.which];
            core.is_due = false;
            has_progress |= understand(core, read.id, thread);
        }
        for (uint32_t i = 0; !finding_ && i < cores_.size(); ++i) {
            if (cores_[i].is_due) {
                fail(Verdict::wrong_read,
                     "core " + std::to_string(i) + " is busy and was not looked at");
            }
        }
        return has_progress;
    }

    /// What a core's word means. Returns whether it was news.
    bool understand(Core& core, uint32_t status, uint32_t thread) {
        const uint32_t id = status & 0x7fffffffu;
        const bool is_fin = (status >> 31) != 0;
        if (id == no_dispatch || id == exit_id || id == reserved_id) {
            return false;
        }
        const bool has_pending = core.pending != no_dispatch;
        if (has_pending && id == core.pending) {
            const uint32_t running = core.running;
            if (is_fin) {
                counters.reached(State::pending_fin);
                fin(core.dispatches[id & 1], thread);
                fin(core.dispatches[running & 1], thread);
                core.running = core.pending = no_dispatch;
            } else {
                counters.reached(State::promoted);
                fin(core.dispatches[running & 1], thread);
                core.running = core.pending;
                core.pending = no_dispatch;
            }
            core.is_occupied = false;
            return true;
        }
        if (id != core.running) {
            return false;
        }
        if (has_pending) {
            counters.reached_if(is_fin, State::running_fin_hidden);
            return false;
        }
        if (is_fin) {
            fin(core.dispatches[id & 1], thread);
            core.running = no_dispatch;
            core.is_occupied = false;
            return true;
        }
        const bool was_occupied = core.is_occupied;
        core.is_occupied = false;
        return was_occupied;
    }

    /// The FIN of one subtask.
    void fin(const Dispatch& dispatch, uint32_t thread) {
        if (is_stopped() || finding_) {
            return;
        }
        count_fin(dispatch, thread);
        ++progress_;
    }

    void count_fin(const Dispatch& dispatch, uint32_t thread) {
        Task& task = tasks_[dispatch.task];
        slab_content(*task.spec, dispatch.block, dispatch.subtask, content_);
        if (content_.error_code != 0 || content_.count > slab_conditions_max) {
            count_slab_states();
            latch(content_.error_code != 0 ? content_.error_code : registration_failed);
            return;
        }
        if (content_.count != 0) {
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
            messages_.assign(1, {ModelMessage::Kind::normal_done, true, task.token, {}});
            push_messages(thread);
        } else {
            counters.reached(State::completed_inline);
            complete(dispatch.task, thread);
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
            messages_.push_back({ModelMessage::Kind::condition, true, token, condition});
        }
        return push_messages(thread);
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
        const uint64_t before = completed_;
        const uint64_t drained = wait_.drained();
        const auto is_pending = [this](uint64_t token) {
            return !tasks_[task_of(token)].is_completed;
        };
        const auto on_complete = [&](uint64_t token) {
            counters.reached(State::completed_by_poll);
            complete(task_of(token), thread);
        };
        const bool had_error = wait_.error() != 0;
        const int32_t code = wait_.poll(is_pending, on_complete);
        progress_ += wait_.drained() - drained;
        counters.reached_if(code == 0 && wait_.depth() != 0, State::gap_stops_drain);
        if (code != 0) {
            counters.reached_if(!had_error && code == 101, State::condition_invalid);
            counters.reached_if(!had_error && code == 102, State::task_65_waits);
            counters.reached_if(!had_error && code == 103, State::condition_65);
            latch(code);
        }
        return completed_ != before;
    }

    uint32_t task_of(uint64_t token) const {
        const Ring& ring = rings_[token >> 32];
        const uint32_t first = static_cast<uint32_t>(schedule_->first_task);
        return ring.tasks[static_cast<uint32_t>(token) - first];
    }

    /// Dummies that completed are allowed if they were ready, and no more than a batch; if fewer,
    /// none may be left that is ready.
    bool dummies(uint32_t thread) {
        std::vector<uint32_t>& seen = seen_completed_;
        seen.clear();
        for (size_t i = at_;
             i < history_->events.size() && history_->events[i].kind != Kind::observed; ++i) {
            const SchedulerEvent& event = history_->events[i];
            if (event.kind != Kind::completed) {
                continue;
            }
            const uint32_t task = task_of_operation_[event.index];
            if (task != none && tasks_[task].spec->cores == 0 && !tasks_[task].is_completed) {
                seen.push_back(task);
            }
        }
        const size_t batch = seen.size();
        for (bool found = true; found;) {
            found = false;
            for (size_t i = 0; i < seen.size(); ++i) {
                if (tasks_[seen[i]].is_ready()) {
                    const uint32_t dummy = seen[i];
                    seen.erase(seen.begin() + static_cast<std::ptrdiff_t>(i));
                    complete(dummy, thread);
                    found = true;
                    break;
                }
            }
        }
        if (!seen.empty()) {
            fail(Verdict::wrong_completion, "a dummy completed before what it comes after");
        } else if (batch > dummy_batch) {
            fail(Verdict::wrong_completion, "more dummies than a batch completed in one turn");
        } else if (batch < dummy_batch &&
                   has_ready([](const Task& t) { return t.spec->cores == 0; })) {
            fail(Verdict::idle_with_work, "a dummy is ready and was left");
        }
        counters.reached_if(batch == dummy_batch, State::batch_of_dummies);
        return batch != 0;
    }

    template <class Predicate>
    bool has_ready(Predicate&& of_kind) const {
        return std::any_of(tasks_.begin(), tasks_.end(), [&](const Task& task) {
            return task.is_ready() && !task.is_completed && of_kind(task);
        });
    }

    bool dispatches(uint32_t thread) {
        bool any = false;
        for (; !finding_ && peek().kind == Kind::doorbell; ++at_) {
            const char* const wrong = dispatch(peek(), thread);
            if (wrong != nullptr) {
                fail(Verdict::wrong_dispatch, wrong);
            }
            any = true;
        }
        for (uint32_t i = 0; !finding_ && i < tasks_.size(); ++i) {
            judge_blocks(tasks_[i]);
        }
        return any;
    }

    /// What is wrong with a dispatch, or null.
    const char* dispatch(const SchedulerEvent& event, uint32_t thread) {
        if (!is_own(event.which, thread)) {
            return "the core does not exist, or is another thread's";
        }
        Core& core = cores_[event.which];
        const uint32_t number =
            event.index < task_of_operation_.size() ? task_of_operation_[event.index] : none;
        if (number == none || tasks_[number].token != event.word) {
            return "payload and task do not belong together";
        }
        Task& task = tasks_[number];
        if (!task.is_ready() || task.is_completed) {
            return "the task is not ready, or completed already";
        }
        if (!event.is_slab_clear) {
            return "the slab was not cleared";
        }
        if (!core.is_idle() && (core.pending != no_dispatch || core.is_occupied)) {
            return "the core has no room: no ACK was seen since its last dispatch";
        }
        if (event.id != core.next_id) {
            return "the dispatch id does not follow the core's last one";
        }
        const uint32_t kind = event.which % cores_per_cluster;
        const uint8_t bit = static_cast<uint8_t>(1u << kind);
        const bool is_right_kind =
            task.is_single_vector() ? kind != 0 : (task.spec->cores & bit) != 0;
        if (!is_right_kind || event.subtask != bit) {
            return "the task does not run on such a core";
        }
        const auto block = static_cast<uint32_t>(event.code);
        if (block >= task.block_cores.size()) {
            return "there is no such block";
        }
        const bool is_taken =
            task.is_mixed() ? (task.block_cores[block] & bit) != 0 : task.block_cores[block] != 0;
        if (is_taken) {
            return "that subtask was dispatched before";
        }
        const uint32_t cluster = event.which / cores_per_cluster;
        if (task.block_cluster[block] != none && task.block_cluster[block] != cluster) {
            return "the cores of a block are in two clusters";
        }
        note_dispatch(event, core, number, block, kind);
        return nullptr;
    }

    void note_dispatch(const SchedulerEvent& event, Core& core, uint32_t number, uint32_t block,
                       uint32_t kind) {
        Task& task = tasks_[number];
        const uint32_t before = static_cast<uint32_t>(
            std::popcount(static_cast<uint32_t>(task.spec->cores) & ((1u << kind) - 1)));
        core.dispatches[event.id & 1] = {number, block, task.is_mixed() ? before : 0};
        counters.reached_if(!core.is_idle(), State::dispatched_ahead);
        counters.reached_if(task.is_mixed(), State::mixed_dispatched);
        counters.reached_if(task.subtasks_dispatched != 0 && task.last_dispatch_turn != turn_,
                            State::task_split);
        (core.is_idle() ? core.running : core.pending) = event.id;
        core.is_occupied = true;
        core.next_id = id_after(event.id);
        counters.reached_if(core.next_id < event.id, State::dispatch_id_wrapped);
        task.last_dispatch_turn = turn_;
        task.block_cores[block] = static_cast<uint8_t>(task.block_cores[block] | 1u << kind);
        task.block_cluster[block] = event.which / cores_per_cluster;
        if (++task.subtasks_dispatched % task.cores_per_block() == 0) {
            ++progress_;
        }
    }

    /// A block is dispatched as a whole within a turn.
    void judge_blocks(const Task& task) {
        if (task.is_mixed() && task.last_dispatch_turn == turn_ &&
            task.subtasks_dispatched % task.cores_per_block() != 0) {
            fail(Verdict::wrong_dispatch, "a block was dispatched to some of its cores only");
        }
    }

    void find_work_left(uint32_t thread) {
        bool has_aic = false;
        bool has_aiv = false;
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            if (is_own(i, thread) && cores_[i].can_take()) {
                (i % cores_per_cluster == 0 ? has_aic : has_aiv) = true;
            }
        }
        const auto waits = [this](auto&& of_kind) {
            return has_ready([&](const Task& t) { return t.has_blocks_left() && of_kind(t); });
        };
        if (has_aic && waits([](const Task& t) { return t.spec->cores == 1; })) {
            fail(Verdict::idle_with_work, "a task waits for a cube core, and one could take it");
        }
        if (has_aiv && waits([](const Task& t) { return t.is_single_vector(); })) {
            fail(Verdict::idle_with_work, "a task waits for a vector core, and one could take it");
        }
        find_mixed_work_left(thread);
    }

    /// Of several that wait, one that fits may stand behind one that does not.
    void find_mixed_work_left(uint32_t thread) {
        const Task* waiting = nullptr;
        uint32_t count = 0;
        for (const Task& task : tasks_) {
            if (task.is_mixed() && task.is_ready() && task.has_blocks_left()) {
                waiting = &task;
                ++count;
            }
        }
        for (uint32_t first = 0; count == 1 && first < cores_.size(); first += cores_per_cluster) {
            bool fits = is_own(first, thread);
            for (uint32_t kind = 0; kind < cores_per_cluster; ++kind) {
                fits = fits &&
                       ((waiting->spec->cores >> kind & 1) == 0 || cores_[first + kind].can_take());
            }
            if (fits) {
                fail(Verdict::idle_with_work, "a task waits for a cluster, and one could take it");
            }
        }
    }

    // Waiting, leaving, and what others do.

    void wait(uint32_t thread) {
        flush(thread);
        if (wait_.error() != 0) {
            latch(wait_.error());
        }
        watch(thread);
        idle(thread);
    }

    /// Ends the run if nothing was done for too long while something was due.
    void watch(uint32_t number) {
        Thread& thread = threads_[number];
        if (!is_finished_ && completed_ == tasks_.size()) {
            thread.is_watching = false;
            return;
        }
        if (!thread.is_watching || thread.progress_seen != progress_) {
            thread.is_watching = true;
            thread.progress_seen = progress_;
            thread.since = clock_;
        } else if (clock_ - thread.since >= schedule_->watchdog_units) {
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
        flush(thread);
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            cores_[i].is_due = is_own(i, thread);
        }
        for (; !finding_ && peek().kind == Kind::doorbell; ++at_) {
            const SchedulerEvent& sent = peek();
            if (sent.id != exit_id || !is_own(sent.which, thread) || !cores_[sent.which].is_due) {
                fail(Verdict::wrong_dispatch,
                     "a thread that leaves sends exit to its own cores, once");
                return;
            }
            cores_[sent.which].is_due = false;
        }
        for (uint32_t i = 0; !finding_ && i < cores_.size(); ++i) {
            if (cores_[i].is_due) {
                fail(Verdict::wrong_dispatch, "core " + std::to_string(i) + " was not sent exit");
            }
        }
    }

    void leave_gap(const SchedulerEvent& event) {
        const bool has_room = wait_.room() != 0;
        check(Verdict::wrong_count, "room for a claim", event.code, has_room);
        if (has_room) {
            wait_.push({ModelMessage::Kind::condition, false, event.word, {}});
        }
    }

    void push_unknown(const SchedulerEvent& event) {
        const bool has_room = wait_.room() != 0;
        check(Verdict::wrong_count, "room for a message", event.code, has_room);
        if (has_room) {
            wait_.push({ModelMessage::Kind::unknown, true, 1, {}});
        }
    }

    // Completion and release.

    void complete(uint32_t number, uint32_t thread_number) {
        Task& task = tasks_[number];
        Thread& thread = threads_[thread_number];
        task.is_completed = true;
        ++completed_;
        ++progress_;
        completed_now_.push_back(number);
        for (const uint32_t consumer : task.consumers) {
            --tasks_[consumer].open_dependencies;
            counters.reached_if(task.spec->cores == 0 && tasks_[consumer].spec->cores == 0 &&
                                    tasks_[consumer].is_ready(),
                                State::dummy_chain);
        }
        if (thread.releases.size() == releases_max) {
            counters.reached(State::release_buffer_full);
            flush(thread_number);
        }
        thread.releases.push_back(number);
    }

    void flush(uint32_t thread) {
        for (const uint32_t task : threads_[thread].releases) {
            for (const uint32_t producer : tasks_[task].producers_held) {
                give_back(producer, State::consumed_by_consumer);
            }
            give_back(task, State::count);
        }
        threads_[thread].releases.clear();
    }

    void give_back(uint32_t number, State by) {
        Task& task = tasks_[number];
        if (++task.holds_given_back != task.holds || !task.is_completed) {
            return;
        }
        if (by != State::count) {
            counters.reached(by);
        }
        task.is_consumed = true;
        consumed_now_.push_back(number);
        Ring& ring = rings_[task.ring];
        while (ring.watermark < ring.next &&
               tasks_[ring.tasks[ring.watermark - schedule_->first_task]].is_consumed) {
            ++ring.watermark;
        }
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
            text += task == none ? " unknown" : " #" + std::to_string(tasks_[task].operation);
        }
        return text.empty() ? " none" : text;
    }

    void fail(Verdict verdict, const std::string& sentence) {
        if (finding_) {
            return;
        }
        const size_t end = std::min(at_ + 1, history_->events.size());
        const size_t first = end > events_shown_max ? end - events_shown_max : 0;
        std::string events = "events, #n being the operation that submitted a task:\n";
        for (size_t i = first; i < end; ++i) {
            events += std::string(i + 1 == end ? "> " : "  ") +
                      text_of(*schedule_, *history_, history_->events[i]) + "\n";
        }
        finding_ = Finding{words[verdict], sentence, events};
    }

    const SchedulerStepSchedule* schedule_ = nullptr;
    const SchedulerStepHistory* history_ = nullptr;
    size_t at_ = 0;
    std::optional<Finding> finding_;
    Tasks tasks_;
    std::vector<uint32_t> task_of_operation_;
    std::vector<Core> cores_;
    std::vector<Ring> rings_;
    std::vector<Scope> scopes_;
    std::vector<uint32_t> held_;
    std::vector<Thread> threads_;
    SchedulerWaitModel wait_;
    SlabContent content_{};
    std::vector<uint32_t> completed_now_;
    std::vector<uint32_t> consumed_now_;
    std::vector<uint32_t> seen_completed_;
    std::vector<uint32_t> seen_consumed_;
    std::vector<ModelMessage> messages_;
    int32_t error_ = 0;
    bool is_finished_ = false;
    bool lock_is_held_ = false;
    uint64_t completed_ = 0;
    uint64_t full_pushes_ = 0;
    uint64_t progress_ = 0;
    uint64_t clock_ = 0;
    uint32_t turn_ = 0;
};

std::string observation_text(const SchedulerObservation& seen) {
    return "error " + std::to_string(seen.error_code) + ", completed " +
           std::to_string(seen.completed) + ", waiting " + std::to_string(seen.waiting_tasks) +
           ", mailbox " + std::to_string(seen.mailbox_depth) + ", full pushes " +
           std::to_string(seen.full_pushes);
}

std::string text_of(const SchedulerStepSchedule& schedule, const SchedulerStepHistory& history,
                    const SchedulerEvent& event) {
    const std::string which = std::to_string(event.which);
    const std::string task = "#" + std::to_string(event.index);
    const std::string code = std::to_string(event.code);
    switch (event.kind) {
        case Kind::submit:
            return task + ": " + describe(schedule.operations[event.index]) + " -> code " + code;
        case Kind::begin_scope:
            return "begin a scope";
        case Kind::end_scope:
            return "end the scope";
        case Kind::finish_submission:
            return "finish the submission";
        case Kind::turn:
            return "a turn of thread " + which + " -> " + (event.code != 0 ? "progress" : "none");
        case Kind::wait:
            return "thread " + which + " waits";
        case Kind::leave:
            return "thread " + which + " leaves the loop";
        case Kind::core_ack:
            return "core " + which + " starts " + std::to_string(event.id);
        case Kind::core_fin:
            return "core " + which + " ends " + std::to_string(event.id);
        case Kind::set_counter:
            return "counter " + which + " := " + std::to_string(event.id);
        case Kind::set_record:
            return "the transfer of record " + which + " ends";
        case Kind::leave_gap:
            return "a ticket is claimed -> " + code;
        case Kind::fill_gap:
            return "and published";
        case Kind::hold_lock:
            return "somebody takes the wait list's lock";
        case Kind::release_lock:
            return "and gives it back";
        case Kind::push_unknown:
            return "a message of unknown kind is pushed -> " + code;
        case Kind::advance_clock:
            return "the clock goes on by " + std::to_string(event.word);
        case Kind::stop:
            return "another thread ends the run with error " + code;
        case Kind::read_status:
            return "  core " + which + " says " + (event.id >> 31 != 0 ? "FIN " : "ACK ") +
                   std::to_string(event.id & 0x7fffffffu);
        case Kind::doorbell:
            return event.id == exit_id ? "  exit to core " + which
                                       : "  core " + which + " gets " + task + " block " + code +
                                             " as dispatch " + std::to_string(event.id);
        case Kind::idle:
            return "  thread " + which + " lets time pass";
        case Kind::completed:
            return "  " + task + " is completed";
        case Kind::consumed:
            return "  the slot of " + task + " is free";
        case Kind::observed:
            return "  " + observation_text(history.observations[event.index]);
        case Kind::stuck:
            return "nothing is left to do, and the run has not ended";
    }
    return {};
}

}  // namespace

std::optional<Finding> judge(const SchedulerStepSchedule& schedule,
                             const SchedulerStepHistory& history) {
    static Model model;
    return model.judge(schedule, history);
}

std::optional<Finding> compare(const SchedulerStepSchedule& schedule,
                               const SchedulerStepHistory& first,
                               const SchedulerStepHistory& second) {
    if (first == second) {
        return std::nullopt;
    }
    const size_t common = std::min(first.events.size(), second.events.size());
    size_t at = 0;
    while (at < common && first.events[at] == second.events[at]) {
        ++at;
    }
    for (size_t i = 0; i < at; ++i) {
        const SchedulerEvent& event = first.events[i];
        if (event.kind == Kind::observed &&
            first.observations[event.index] != second.observations[event.index]) {
            at = i;
        }
    }
    std::string text;
    for (size_t i = at > events_shown_max ? at - events_shown_max : 0; i < at; ++i) {
        text += "  " + text_of(schedule, first, first.events[i]) + "\n";
    }
    for (const SchedulerStepHistory* history : {&first, &second}) {
        text += history == &first ? "a2a3: " : "a5:   ";
        text += at < history->events.size()
                    ? text_of(schedule, *history, history->events[at])
                    : "the end, status " + std::to_string(history->status_at_end);
        text += "\n";
    }
    return Finding{words[Verdict::platforms_differ],
                   "the same schedule is not the same on both platforms", text};
}

std::optional<Finding> judge(const PlatformPairSchedule& schedule,
                             const PlatformPairHistory& history) {
    std::optional<Finding> finding = compare(schedule, history.first, history.second);
    if (!finding) {
        finding = judge(schedule, history.second);
    }
    return finding;
}

std::vector<StateCount> scheduler_step_states() { return counters.snapshot(); }

}  // namespace fuzz
