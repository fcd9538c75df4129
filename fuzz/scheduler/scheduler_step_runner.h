// Runs a scheduler schedule on the real scheduler of one platform, one action at a time on one
// thread, with cores and a clock that do what the schedule says, and records everything that
// crosses the platform interface. Judges nothing.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/per_platform_choice.h"
#include "fuzz/scheduler/scheduler_step_history.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "sim/caches.h"
#include "sim/core.h"
#include "src/runtime/scheduler.h"

namespace fuzz {

/// A scheduler of one shape, and the machine around it. The next schedule sees nothing of the last.
/// Not thread-safe.
template <class Platform>
class SchedulerBench final : public pto::CoreInterface {
  public:
    using Scheduler = pto::Scheduler<pto::sim::Simulated<Platform>>;
    using Slot = typename Scheduler::Submission::Slot;
    using Kind = SchedulerEventKind;

    explicit SchedulerBench(const SchedulerStepSchedule::Shape& shape)
        : cores_(size_t{shape.clusters} * pto::CORES_PER_CLUSTER),
          scheduler_(std::make_unique<Scheduler>(*this, config_of(shape))) {
        if (caches() != nullptr) {
            for (Core& core : cores_) {
                core.memory = std::make_unique<pto::sim::CoreMemory>();
                caches_.add(&core.cached, core.memory.get(), sizeof core.cached);
            }
        }
    }

    void run(const SchedulerStepSchedule& schedule, SchedulerStepHistory& history) {
        const pto::sim::CacheModel::Use use(caches_);
        const auto say_where_it_stands = [this] { return diagnose(); };
        const DescribedHang described(say_where_it_stands);
        schedule_ = &schedule;
        history_ = &history;
        renew();
        history.clear();
        for (uint32_t i = 0; i < schedule.operations.size() && !run_state().is_stopped(); ++i) {
            perform(i, schedule.operations[i]);
        }
        play_to_end();
    }

    // The platform, as the scheduler sees it.

    uint32_t cluster_count() const noexcept override {
        return static_cast<uint32_t>(cores_.size()) / pto::CORES_PER_CLUSTER;
    }
    uint32_t read_status(uint32_t core) noexcept override {
        if (!is_diagnosing_.load(std::memory_order_relaxed)) {
            event({.kind = Kind::read_status, .which = core, .id = cores_[core].status});
        }
        return cores_[core].status;
    }
    void ring_doorbell(uint32_t core, uint32_t id) noexcept override {
        Core& rung = cores_[core];
        SchedulerEvent rang{.kind = Kind::doorbell, .which = core, .id = id};
        rung.doorbell = id;
        if (pto::is_dispatch_id(id)) {
            const pto::DispatchPayload& payload = rung.own().payloads[id & 1];
            const pto::DeferredCompletionSlab& slab = rung.own().slabs[id & 1];
            rang.subtask = static_cast<uint8_t>(payload.subtask);
            rang.is_slab_clear = slab.count == 0 && slab.error_code == 0;
            rang.index = payload.args_addr == ~payload.kernel_addr
                             ? static_cast<uint32_t>(payload.kernel_addr)
                             : ~uint32_t{0};
            rang.code = payload.block_index;
            rang.word = payload.task_token;
        }
        event(rang);
        let_core_leave(core, /*has_waited=*/false);
    }
    pto::DeferredCompletionSlab& slab(uint32_t core, uint32_t parity) noexcept override {
        return cores_[core].cached.slabs[parity];
    }
    pto::DispatchPayload& payload(uint32_t core, uint32_t parity) noexcept override {
        return cores_[core].cached.payloads[parity];
    }
    uint64_t now_ns() noexcept override { return now_ns_; }
    void idle(uint32_t thread) noexcept override {
        event({.kind = Kind::idle, .which = thread});
        for (uint32_t core = 0; core < cores_.size(); ++core) {
            let_core_leave(core, /*has_waited=*/true);
        }
        now_ns_ += SchedulerStepSchedule::clock_unit_ns;
    }

  private:
    static constexpr uint32_t unknown_kind = 7;
    static constexpr int32_t unknown_type = 77;
    static constexpr size_t scopes_max = 8;
    /// Far more than a call makes that waits for all cores until the watchdog's limit.
    static constexpr size_t call_events_max = size_t{1} << 20;

    struct Core {
        uint32_t doorbell;
        uint32_t started;
        uint32_t status;
        bool is_running;
        pto::sim::CoreMemory cached;                   ///< as the scheduler sees it
        std::unique_ptr<pto::sim::CoreMemory> memory;  ///< as the core does; null: the same

        pto::sim::CoreMemory& own() { return memory == nullptr ? cached : *memory; }
        bool can_start() const {
            return !is_running && doorbell != started && pto::is_dispatch_id(doorbell);
        }
    };

    /// A submitted task that is not consumed yet.
    struct LiveTask {
        uint32_t index;
        Slot* slot;
        uint64_t token;
        int32_t state_seen;
        uint32_t release_order;  ///< see sort_by_release()
    };

    static pto::SchedulerConfig config_of(const SchedulerStepSchedule::Shape& shape) {
        pto::SchedulerConfig config;
        config.thread_count = shape.threads;
        config.ring_count = shape.rings;
        config.window = shape.window;
        config.dependency_capacity = shape.dependency_capacity;
        config.ready_queue_capacity = std::bit_ceil(uint64_t{shape.window} * shape.rings);
        config.watchdog_limit_ns = SchedulerStepSchedule::clock_unit_ns;
        return config;
    }

    pto::RunState& run_state() { return scheduler_->run(); }
    auto& mailbox() { return scheduler_->mailbox(); }
    uint32_t thread_count() const { return scheduler_->thread_count(); }

    /// Notes the event. A call that makes more of them than any call can will make them for ever.
    SchedulerEvent& event(const SchedulerEvent& what) {
        if (history_->events.size() - call_begin_ >= call_events_max) {
            report_hang("a call of the scheduler never returns");
        }
        history_->events.push_back(what);
        return history_->events.back();
    }

    void begin_call(const SchedulerEvent& what) {
        call_begin_ = history_->events.size();
        event(what);
    }

    void renew() {
        call_begin_ = 0;
        for (Core& core : cores_) {
            core.doorbell = core.started = schedule_->last_dispatch_id;
            core.status = pto::CoreWord{schedule_->last_dispatch_id, true}.raw();
            core.is_running = false;
            if (core.memory != nullptr) {
                spoil(*core.memory);
            }
        }
        scheduler_->reset_for_reuse(schedule_->first_task);
        scheduler_->set_watchdog_limit(schedule_->watchdog_units *
                                       SchedulerStepSchedule::clock_unit_ns);
        for (uint32_t counter = 0; counter < scheduler_counters_max; ++counter) {
            clear(counters_, counter);
        }
        for (uint32_t record = 0; record < scheduler_records_max; ++record) {
            clear(records_, record);
        }
        live_.clear();
        ids_.clear();
        now_ns_ = 0;
        scopes_ = 1;
        is_finished_ = gap_is_open_ = lock_is_held_ = false;
    }

    void perform(uint32_t index, const SchedulerOperation& op) {
        switch (op.call) {
            case SchedulerAction::submit:
                submit(index, op.task);
                return;
            case SchedulerAction::begin_scope:
                begin_scope();
                return;
            case SchedulerAction::end_scope:
                end_scope();
                return;
            case SchedulerAction::finish_submission:
                finish_submission();
                return;
            case SchedulerAction::turn:
                turn(op.which % thread_count());
                return;
            case SchedulerAction::wait:
                wait(op.which % thread_count());
                return;
            case SchedulerAction::core_ack:
                choose_core(op.which, &Core::can_start, &SchedulerBench::core_ack);
                return;
            case SchedulerAction::core_fin:
                choose_core(op.which, &Core::is_running, &SchedulerBench::core_fin);
                return;
            case SchedulerAction::cores_go:
                cores_go();
                return;
            case SchedulerAction::set_counter:
                set_counter(op.which, op.value);
                return;
            case SchedulerAction::set_record:
                set_record(op.which);
                return;
            case SchedulerAction::leave_gap:
                leave_gap(op.which);
                return;
            case SchedulerAction::fill_gap:
                fill_gap(op.value % scheduler_counters_max);
                return;
            case SchedulerAction::hold_lock:
                hold_lock();
                return;
            case SchedulerAction::release_lock:
                release_lock();
                return;
            case SchedulerAction::push_unknown:
                push_unknown();
                return;
            case SchedulerAction::advance_clock:
                now_ns_ += op.value * SchedulerStepSchedule::clock_unit_ns;
                event({.kind = Kind::advance_clock, .word = op.value});
                return;
            case SchedulerAction::stop:
                event({.kind = Kind::stop, .code = static_cast<int32_t>(op.value)});
                run_state().latch_error(static_cast<int32_t>(op.value));
                observe();
                return;
        }
    }

    void submit(uint32_t index, const SchedulerTask& task) {
        dependencies_.clear();
        for (uint32_t i = 0; i < task.dependency_count; ++i) {
            if (task.dependencies[i] == 0 || !ids_.empty()) {
                dependencies_.push_back(id_of(task.dependencies[i]));
            }
        }
        const pto::SubmitResult result =
            scheduler_->submission().try_submit_task({.active_mask = task.cores,
                                                      .block_num = task.block_num,
                                                      .kernel_addr = index,
                                                      .args_addr = ~uint64_t{index},
                                                      .dependencies = dependencies_});
        event({.kind = Kind::submit,
               .index = index,
               .code = result.error_code,
               .word = result.task_id.raw});
        if (result.task_id.is_valid()) {
            ids_.push_back(result.task_id);
            Slot& slot = scheduler_->ring(result.task_id.ring()).slot(result.task_id.local());
            live_.push_back({index, &slot, result.task_id.raw, pto::PTO2_TASK_PENDING, 0});
        }
        observe();
    }

    /// The id of the task that a dependency names, or an id that was never submitted.
    pto::PTO2TaskId id_of(uint32_t dependency) const {
        const uint64_t ago = tasks_ago(dependency, ids_.size());
        if (ago != 0) {
            return ids_[ids_.size() - ago];
        }
        // Above the number of every task, or of a ring that does not exist.
        const uint64_t never = schedule_->first_task + scheduler_tasks_max;
        const uint32_t ring = ids_.size() % 2 == 0 ? 0 : scheduler_rings_max;
        return pto::PTO2TaskId::make(ring, static_cast<uint32_t>(never));
    }

    void begin_scope() {
        if (scopes_ < scopes_max && !is_finished_) {
            event({.kind = Kind::begin_scope});
            scheduler_->submission().begin_scope();
            ++scopes_;
            observe();
        }
    }

    bool end_scope() {
        const size_t at = history_->events.size();
        event({.kind = Kind::end_scope});
        const bool ended = scheduler_->submission().end_scope();
        history_->events[at].code = ended;
        scopes_ -= ended;
        observe();
        return ended;
    }

    void finish_submission() {
        if (!is_finished_) {
            event({.kind = Kind::finish_submission});
            scheduler_->submission().finish();
            is_finished_ = true;
            scopes_ = 0;
            observe();
        }
    }

    bool turn(uint32_t thread) {
        const size_t at = history_->events.size();
        begin_call({.kind = Kind::turn, .which = thread});
        const bool has_progress = scheduler_->dispatch().step(scheduler_->thread(thread));
        history_->events[at].code = has_progress;
        observe();
        return has_progress;
    }

    void wait(uint32_t thread) {
        begin_call({.kind = Kind::wait, .which = thread});
        scheduler_->dispatch().wait(scheduler_->thread(thread));
        observe();
    }

    void leave(uint32_t thread) {
        begin_call({.kind = Kind::leave, .which = thread});
        scheduler_->dispatch().leave(scheduler_->thread(thread));
        observe();
    }

    template <class Predicate>
    void choose_core(uint32_t choice, Predicate can, void (SchedulerBench::*act)(uint32_t)) {
        uint32_t candidates = 0;
        for (const Core& core : cores_) {
            candidates += std::invoke(can, core);
        }
        if (candidates == 0) {
            return;
        }
        uint32_t left = choice % candidates;
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            if (std::invoke(can, cores_[i]) && left-- == 0) {
                (this->*act)(i);
                return;
            }
        }
    }

    void cores_go() {
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            while (cores_[i].is_running || cores_[i].can_start()) {
                cores_[i].is_running ? core_fin(i) : core_ack(i);
            }
        }
    }

    void core_ack(uint32_t number) {
        Core& core = cores_[number];
        core.started = core.doorbell;
        core.is_running = true;
        core.status = core.started;
        event({.kind = Kind::core_ack, .which = number, .id = core.started});
    }

    void core_fin(uint32_t number) {
        Core& core = cores_[number];
        const uint32_t id = core.started;
        const pto::DispatchPayload& payload = core.own().payloads[id & 1];
        const uint64_t kernel = payload.kernel_addr;
        if (kernel < schedule_->operations.size()) {
            const SchedulerTask& task = schedule_->operations[kernel].task;
            const auto block = static_cast<uint32_t>(payload.block_index);
            slab_content(task, block, subtask_number(task, payload.subtask), content_);
            fill(core.own().slabs[id & 1]);
        }
        core.is_running = false;
        core.status = pto::CoreWord{id, true}.raw();
        event({.kind = Kind::core_fin, .which = number, .id = id});
    }

    /// A core that was told to leave does, if the schedule says so.
    void let_core_leave(uint32_t number, bool has_waited) {
        Core& core = cores_[number];
        if (core.doorbell != pto::AICORE_DOORBELL_EXIT ||
            core.status == pto::AICORE_STATUS_EXITED) {
            return;
        }
        const bool leaves_at_once = !core.is_running && schedule_->leaving != CoreLeaving::late;
        const bool never_leaves =
            (schedule_->leaving == CoreLeaving::one_never && number == 0) ||
            (schedule_->leaving == CoreLeaving::running_never && core.is_running);
        if (!never_leaves && (leaves_at_once || has_waited)) {
            core.status = pto::AICORE_STATUS_EXITED;
            event({.kind = Kind::core_left, .which = number});
        }
    }

    static uint32_t subtask_number(const SchedulerTask& task, uint32_t subtask) {
        return std::popcount(task.cores) == 1
                   ? 0
                   : static_cast<uint32_t>(std::popcount(task.cores & (subtask - 1)));
    }

    void fill(pto::DeferredCompletionSlab& slab) {
        for (const SlabCondition& condition : content_.conditions) {
            pto::deferred_completion_slab_append(&slab, address_of(condition), record_cookie,
                                                 condition.expected_value, 0,
                                                 type_of(condition.words));
        }
        slab.error_code = content_.error_code;
        slab.count = content_.count;
    }

    uint64_t address_of(const SlabCondition& condition) {
        switch (condition.words) {
            case TaskWords::counters:
            case TaskWords::unknown_type:
                return counters_.address(condition.word);
            case TaskWords::records:
                return records_.address(condition.word);
            case TaskWords::null:
                break;
        }
        return 0;
    }

    static int32_t type_of(TaskWords words) {
        switch (words) {
            case TaskWords::counters:
            case TaskWords::null:
                return pto::COMPLETION_TYPE_COUNTER;
            case TaskWords::records:
                return pto::COMPLETION_TYPE_SDMA_EVENT_RECORD;
            case TaskWords::unknown_type:
                break;
        }
        return unknown_type;
    }

    /// Null on a platform whose caches are coherent.
    pto::sim::CacheModel* caches() { return Platform::has_coherent_caches ? nullptr : &caches_; }

    /// Leaves what no dispatch writes, so that one that does not reach the core shows.
    static void spoil(pto::sim::CoreMemory& memory) {
        for (uint32_t parity = 0; parity < 2; ++parity) {
            memory.payloads[parity] = {};
            memory.slabs[parity].count = ~uint32_t{0};
        }
    }

    /// Puts a word back to 0, in the caches too.
    template <class Word>
    void clear(const pto::sim::EngineWords<Word>& words, uint32_t index) {
        words.of_engine(index) = 0;
        if (caches() != nullptr) {
            caches_.invalidate(reinterpret_cast<const void*>(words.address(index)), sizeof(Word));
        }
    }

    void set_counter(uint32_t counter, uint32_t value) {
        counters_.of_engine(counter) = value;
        event({.kind = Kind::set_counter, .which = counter, .id = value});
    }

    void set_record(uint32_t record) {
        records_.of_engine(record) = record_cookie;
        event({.kind = Kind::set_record, .which = record});
    }

    /// Claims a ticket for a condition of a task that is alive.
    void leave_gap(uint32_t choice) {
        if (gap_is_open_ || live_.empty()) {
            return;
        }
        gap_token_ = live_[choice % live_.size()].token;
        gap_is_open_ = mailbox().try_claim(1, gap_ticket_) == 1;
        event({.kind = Kind::leave_gap, .code = gap_is_open_, .word = gap_token_});
        observe();
    }

    void fill_gap(uint32_t counter) {
        if (gap_is_open_) {
            mailbox().publish(gap_ticket_, {gap_token_, counters_.address(counter), 0, 0,
                                            pto::COMPLETION_TYPE_COUNTER, pto::MSG_KIND_CONDITION});
            gap_is_open_ = false;
            event({.kind = Kind::fill_gap, .id = counter});
            observe();
        }
    }

    void hold_lock() {
        if (!lock_is_held_) {
            lock_is_held_ = scheduler_->wait_list().try_lock();
            event({.kind = Kind::hold_lock});
            observe();
        }
    }

    void release_lock() {
        if (lock_is_held_) {
            scheduler_->wait_list().unlock();
            lock_is_held_ = false;
            event({.kind = Kind::release_lock});
            observe();
        }
    }

    void push_unknown() {
        uint64_t ticket = 0;
        const bool has_room = mailbox().try_claim(1, ticket) == 1;
        if (has_room) {
            mailbox().publish(ticket, {1, 0, 0, 0, 0, unknown_kind});
        }
        event({.kind = Kind::push_unknown, .code = has_room});
        observe();
    }

    /// Lets everything that can proceed do so, until the run has ended.
    void play_to_end() {
        if (!run_state().is_stopped()) {
            release_lock();
            fill_gap(0);
            finish_submission();
            play_rounds();
        }
        for (uint32_t thread = 0; thread < thread_count(); ++thread) {
            leave(thread);
        }
        release_lock();
        fill_gap(0);
        history_->status_at_end = scheduler_->finish_run();
        history_->is_clean_at_end = scheduler_->is_clean();
    }

    /// Any thread, while the runner's own is in a call or waits.
    std::string diagnose() {
        // It looks at the cores, which is not a part of the run. Relaxed: a thread in an endless
        // call may note what it reads once more.
        const pto::sim::CacheModel::Use use(caches_);
        is_diagnosing_.store(true, std::memory_order_relaxed);
        std::string text = scheduler_->diagnose().text();
        is_diagnosing_.store(false, std::memory_order_relaxed);
        return text;
    }

    void play_rounds() {
        // Each round brings something to an end, a dispatch or a batch of dummies, or nothing is
        // left to do; a run of n tasks with at most 12 subtasks takes far fewer.
        uint64_t rounds_left = 64 + 16 * ids_.size();
        for (uint32_t counter = 0; counter < scheduler_counters_max; ++counter) {
            set_counter(counter, ~uint32_t{0});
        }
        while (!scheduler_->is_finished() && !run_state().is_stopped()) {
            if (rounds_left-- == 0) {
                event({.kind = Kind::stuck});
                history_->diagnosis.text = diagnose();
                return;
            }
            for (uint32_t record = 0; record < scheduler_records_max; ++record) {
                set_record(record);
            }
            cores_go();
            for (uint32_t thread = 0; thread < thread_count(); ++thread) {
                if (!run_state().is_stopped() && !turn(thread) && !run_state().is_stopped()) {
                    wait(thread);
                }
            }
        }
    }

    /// Notes what tasks have come to, and what can be seen from outside.
    void observe() {
        note_completions();
        note_consumptions();
        SchedulerObservation seen{};
        auto& list = scheduler_->wait_list();
        seen.error_code = run_state().sched_error_code();
        seen.is_stopped = run_state().is_stopped();
        seen.is_lock_free = list.busy.load(std::memory_order_relaxed) == 0;
        seen.waiting_tasks = static_cast<uint32_t>(list.count.load(std::memory_order_relaxed));
        seen.sticky_error = list.error_code.load(std::memory_order_relaxed);
        seen.completed = scheduler_->completion().completed();
        seen.mailbox_depth = mailbox().head.load(std::memory_order_relaxed) -
                             mailbox().tail.load(std::memory_order_relaxed);
        seen.full_pushes = list.mpsc_skipped_count.load(std::memory_order_relaxed);
        for (uint32_t ring = 0; ring < scheduler_->ring_count(); ++ring) {
            seen.watermarks[ring] = scheduler_->ring(ring).consumed();
        }
        for (uint32_t thread = 0; thread < thread_count(); ++thread) {
            seen.releases_buffered[thread] = scheduler_->thread(thread).release_count;
        }
        event({.kind = Kind::observed,
               .index = static_cast<uint32_t>(history_->observations.size())});
        history_->observations.push_back(seen);
    }

    void note_completions() {
        newly_completed_.clear();
        for (LiveTask& task : live_) {
            const int32_t state = task.slot->task_state.load(std::memory_order_relaxed);
            if (state != pto::PTO2_TASK_PENDING && task.state_seen == pto::PTO2_TASK_PENDING) {
                newly_completed_.push_back(&task);
            }
            task.state_seen = state;
        }
        sort_by_release();
        for (const LiveTask* const task : newly_completed_) {
            event({.kind = Kind::completed, .index = task->index});
        }
    }

    void note_consumptions() {
        std::erase_if(live_, [this](const LiveTask& task) {
            const bool is_consumed = task.state_seen == pto::PTO2_TASK_CONSUMED;
            if (is_consumed) {
                event({.kind = Kind::consumed, .index = task.index});
            }
            return is_consumed;
        });
    }

    /// Which ready dummy completes first is open, and matters only where a release buffer was
    /// emptied in the middle: what was released then comes before what is in a buffer now.
    void sort_by_release() {
        const std::vector<SchedulerObservation>& seen = history_->observations;
        auto buffered = static_cast<int64_t>(newly_completed_.size());
        for (uint32_t thread = 0; thread < thread_count(); ++thread) {
            buffered += seen.empty() ? 0 : seen.back().releases_buffered[thread];
            buffered -= scheduler_->thread(thread).release_count;
        }
        if (buffered == 0) {
            return;
        }
        uint32_t order = 0;
        for (uint32_t thread = 0; thread < thread_count(); ++thread) {
            const auto& owner = scheduler_->thread(thread);
            for (int32_t i = 0; i < owner.release_count; ++i) {
                ++order;
                for (LiveTask* const task : newly_completed_) {
                    task->release_order =
                        task->slot == owner.releases[i] ? order : task->release_order;
                }
            }
        }
        std::sort(newly_completed_.begin(), newly_completed_.end(),
                  [](const LiveTask* a, const LiveTask* b) {
                      return std::tie(a->release_order, a->index) <
                             std::tie(b->release_order, b->index);
                  });
    }

    const SchedulerStepSchedule* schedule_ = nullptr;
    SchedulerStepHistory before_first_run_;
    SchedulerStepHistory* history_ = &before_first_run_;
    size_t call_begin_ = 0;  ///< events before the call of the scheduler that runs now
    std::atomic<bool> is_diagnosing_{false};
    pto::sim::CacheModel caches_;
    std::vector<Core> cores_;
    std::unique_ptr<Scheduler> scheduler_;
    pto::sim::EngineWords<uint32_t> counters_{scheduler_counters_max, caches()};
    pto::sim::EngineWords<uint64_t> records_{scheduler_records_max, caches()};
    std::vector<LiveTask> live_;
    std::vector<LiveTask*> newly_completed_;
    std::vector<pto::PTO2TaskId> ids_;
    std::vector<pto::PTO2TaskId> dependencies_;
    SlabContent content_{};
    uint64_t now_ns_ = 0;
    size_t scopes_ = 0;
    bool is_finished_ = false;
    bool gap_is_open_ = false;
    bool lock_is_held_ = false;
    uint64_t gap_ticket_ = 0;
    uint64_t gap_token_ = 0;
};

/// Runs schedules of every shape on one platform.
template <class Platform>
class SchedulerBenches {
  public:
    void run(const SchedulerStepSchedule& schedule, SchedulerStepHistory& history) {
        benches_.resize(SchedulerStepSchedule::shapes().size());
        auto& bench = benches_[schedule.shape];
        if (bench == nullptr) {
            bench = std::make_unique<SchedulerBench<Platform>>(schedule.sizes());
        }
        bench->run(schedule, history);
    }

  private:
    std::vector<std::unique_ptr<SchedulerBench<Platform>>> benches_;
};

/// Runs schedules of all platforms and mailbox sizes. Not thread-safe.
class SchedulerStepRunner {
  public:
    using Schedule = SchedulerStepSchedule;
    using History = SchedulerStepHistory;

    void run(const SchedulerStepSchedule& schedule, SchedulerStepHistory& history) {
        run_on(schedule.platform, schedule, history);
    }

    /// Runs it on another platform than the schedule's.
    void run_on(const PlatformChoice& platform, const SchedulerStepSchedule& schedule,
                SchedulerStepHistory& history) {
        benches_.at(platform, [&](auto& benches) { benches.run(schedule, history); });
    }

  private:
    PerPlatformChoice<SchedulerBenches> benches_;
};

/// Runs a schedule on every platform. Not thread-safe.
class PlatformPairRunner {
  public:
    using Schedule = PlatformPairSchedule;
    using History = PlatformPairHistory;

    void run(const PlatformPairSchedule& schedule, PlatformPairHistory& history) {
        PlatformChoice choice = schedule.platform;
        for (choice.platform = 0; choice.platform < pto::platform_count; ++choice.platform) {
            runner_.run_on(choice, schedule, history.of_platform[choice.platform]);
        }
    }

  private:
    SchedulerStepRunner runner_;
};

}  // namespace fuzz
