// Submission, completion and release in the scheduler's model; see the header.
#include "fuzz/scheduler/scheduler_task_model.h"

#include <algorithm>
#include <utility>

#include "fuzz/scheduler/scheduler_core_model.h"

namespace fuzz {
namespace {

using State = SchedulerState;

constexpr int32_t invalid_arguments = 5;
constexpr int32_t subtasks_max = 32767;
constexpr size_t releases_max = 256;

StateCounters<State>& counters = scheduler_counters;

}  // namespace

void SchedulerTaskModel::reset(const SchedulerStepSchedule& schedule) {
    schedule_ = &schedule;
    used_ = 0;
    of_operation_.assign(schedule.operations.size(), no_task);
    rings_.resize(schedule.sizes().rings);
    for (Ring& ring : rings_) {
        ring.next = ring.watermark = schedule.first_task;
        ring.next_record = 0;
        ring.held_from.reset();
        ring.tasks.clear();
    }
    scopes_ = {{0, 0, std::nullopt}};
    held_.clear();
    releases_.resize(schedule.sizes().threads);
    for (std::vector<uint32_t>& buffer : releases_) {
        buffer.clear();
    }
    completed_ = 0;
    begin_action();
}

uint32_t SchedulerTaskModel::of_token(uint64_t token) const {
    const Ring& ring = rings_[token >> 32];
    const auto first = static_cast<uint32_t>(schedule_->first_task);
    return ring.tasks[static_cast<uint32_t>(token) - first];
}

/// A task of which nothing is known, in the memory of an earlier one.
ModelTask& SchedulerTaskModel::add_fresh() {
    if (used_ == tasks_.size()) {
        tasks_.emplace_back();
    }
    ModelTask& task = tasks_[used_++];
    ModelTask fresh{};
    for (auto list :
         {&ModelTask::consumers, &ModelTask::producers_held, &ModelTask::block_cluster}) {
        (fresh.*list).swap(task.*list);
        (fresh.*list).clear();
    }
    fresh.block_cores.swap(task.block_cores);
    fresh.block_cores.clear();
    task = std::move(fresh);
    return task;
}

uint32_t SchedulerTaskModel::dependency_count(const SchedulerTask& spec) const {
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec.dependency_count; ++i) {
        count += spec.dependencies[i] == 0 || size() != 0;
    }
    return count;
}

int32_t SchedulerTaskModel::submission_code(const SchedulerTask& spec) const {
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
    const Ring& ring = open_ring();
    if (!fits(ring, ring.held_from.value_or(ring.next), dependency_count(spec))) {
        counters.reached(State::held_by_scope);
        return invalid_arguments;
    }
    return 0;
}

bool SchedulerTaskModel::fits(const Ring& ring, uint64_t first_kept, uint64_t dependencies) const {
    const uint64_t records_from =
        first_kept == ring.next
            ? ring.next_record
            : tasks_[ring.tasks[first_kept - schedule_->first_task]].first_record;
    return ring.next - first_kept < schedule_->sizes().window &&
           ring.next_record - records_from + dependencies <= schedule_->sizes().dependency_capacity;
}

uint64_t SchedulerTaskModel::submission_id(const SchedulerTask& spec) const {
    const Ring& ring = open_ring();
    if (!fits(ring, ring.watermark, dependency_count(spec))) {
        counters.reached(ring.next - ring.watermark < schedule_->sizes().window
                             ? State::records_full
                             : State::window_full);
        return invalid_id;
    }
    return uint64_t{scopes_.back().ring} << 32 | static_cast<uint32_t>(ring.next);
}

void SchedulerTaskModel::add(uint32_t operation, const SchedulerTask& spec) {
    const auto index = static_cast<uint32_t>(size());
    const uint32_t dependencies = dependency_count(spec);
    Ring& ring = open_ring();
    ModelTask& task = add_fresh();
    task.spec = &spec;
    task.operation = operation;
    task.ring = scopes_.back().ring;
    task.number = ring.next;
    task.token = uint64_t{task.ring} << 32 | static_cast<uint32_t>(ring.next);
    task.first_record = ring.next_record;
    task.holds = 2;
    for (uint32_t i = 0; i < dependencies; ++i) {
        depend(index, static_cast<uint32_t>(index - tasks_ago(spec.dependencies[i], index)));
    }
    if (!task.is_dummy()) {
        task.block_cores.resize(static_cast<size_t>(spec.block_num));
        task.block_cluster.resize(static_cast<size_t>(spec.block_num),
                                  SchedulerCoreModel::no_cluster);
    }
    counters.reached_if(ring.next - schedule_->first_task >= schedule_->sizes().window,
                        State::slot_reused);
    counters.reached_if(static_cast<uint32_t>(ring.next) == 0 && ring.next != 0, State::id_wrapped);
    counters.reached_if(ring.next == 0 && schedule_->first_task != 0, State::number_wrapped);
    if (!ring.held_from) {
        ring.held_from = ring.next;
    }
    ring.tasks.push_back(index);
    ++ring.next;
    note_full_rings();
    ring.next_record += dependencies;
    held_.push_back(index);
    of_operation_[operation] = index;
}

void SchedulerTaskModel::note_full_rings() const {
    const uint64_t window = schedule_->sizes().window;
    const auto full = std::count_if(rings_.begin(), rings_.end(), [window](const Ring& ring) {
        return ring.next - ring.watermark == window;
    });
    counters.reached_if(full >= 2 && window >= 32, State::two_rings_full);
}

/// A dependency on a task that completed before counts as met.
void SchedulerTaskModel::depend(uint32_t consumer, uint32_t producer) {
    if (tasks_[producer].is_completed) {
        counters.reached(State::dependency_met_before);
        return;
    }
    ++tasks_[consumer].open_dependencies;
    ++tasks_[producer].holds;
    tasks_[producer].consumers.push_back(consumer);
    tasks_[consumer].producers_held.push_back(producer);
}

void SchedulerTaskModel::begin_scope() {
    const auto ring = static_cast<uint32_t>(std::min(scopes_.size(), rings_.size() - 1));
    scopes_.push_back({ring, held_.size(), rings_[ring].held_from});
}

bool SchedulerTaskModel::end_scope() {
    if (scopes_.empty()) {
        return false;
    }
    const Scope scope = scopes_.back();
    scopes_.pop_back();
    rings_[scope.ring].held_from = scope.held_from_before;
    for (size_t i = scope.first_held; i < held_.size(); ++i) {
        counters.reached_if(give_back(held_[i]), State::consumed_by_scope_end);
    }
    held_.resize(scope.first_held);
    return true;
}

const char* SchedulerTaskModel::dispatch_fault(const SchedulerEvent& event) const {
    const uint32_t number = of_operation(event.index);
    if (number == no_task || tasks_[number].token != event.word) {
        return "payload and task do not belong together";
    }
    const ModelTask& task = tasks_[number];
    if (!task.is_ready() || task.is_completed) {
        return "the task is not ready, or completed already";
    }
    if (!event.is_slab_clear) {
        return "the slab was not cleared";
    }
    const uint32_t kind = SchedulerCoreModel::kind_of(event.which);
    const auto bit = static_cast<uint8_t>(1u << kind);
    const bool is_right_kind = task.is_single_vector() ? kind != 0 : (task.spec->cores & bit) != 0;
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
    const uint32_t cluster = task.block_cluster[block];
    if (cluster != SchedulerCoreModel::no_cluster &&
        cluster != SchedulerCoreModel::cluster_of(event.which)) {
        return "the cores of a block are in two clusters";
    }
    return nullptr;
}

uint32_t SchedulerTaskModel::note_dispatch(const SchedulerEvent& event, uint32_t turn) {
    ModelTask& task = tasks_[of_operation(event.index)];
    const auto block = static_cast<uint32_t>(event.code);
    const uint32_t kind = SchedulerCoreModel::kind_of(event.which);
    counters.reached_if(task.is_mixed(), State::mixed_dispatched);
    counters.reached_if(task.subtasks_dispatched != 0 && task.last_dispatch_turn != turn,
                        State::task_split);
    task.last_dispatch_turn = turn;
    task.block_cores[block] = static_cast<uint8_t>(task.block_cores[block] | 1u << kind);
    task.block_cluster[block] = SchedulerCoreModel::cluster_of(event.which);
    ++task.subtasks_dispatched;
    const uint32_t cores_before = uint32_t{task.spec->cores} & ((1u << kind) - 1);
    return task.is_mixed() ? static_cast<uint32_t>(std::popcount(cores_before)) : 0;
}

void SchedulerTaskModel::complete(uint32_t number, uint32_t thread) {
    ModelTask& task = tasks_[number];
    task.is_completed = true;
    ++completed_;
    completed_now_.push_back(number);
    for (const uint32_t consumer : task.consumers) {
        --tasks_[consumer].open_dependencies;
        counters.reached_if(
            task.is_dummy() && tasks_[consumer].is_dummy() && tasks_[consumer].is_ready(),
            State::dummy_chain);
    }
    if (releases_[thread].size() == releases_max) {
        counters.reached(State::release_buffer_full);
        flush(thread);
    }
    releases_[thread].push_back(number);
}

void SchedulerTaskModel::flush(uint32_t thread) {
    for (const uint32_t task : releases_[thread]) {
        for (const uint32_t producer : tasks_[task].producers_held) {
            counters.reached_if(give_back(producer), State::consumed_by_consumer);
        }
        give_back(task);
    }
    releases_[thread].clear();
}

bool SchedulerTaskModel::give_back(uint32_t number) {
    ModelTask& task = tasks_[number];
    if (++task.holds_given_back != task.holds || !task.is_completed) {
        return false;
    }
    task.is_consumed = true;
    consumed_now_.push_back(number);
    Ring& ring = rings_[task.ring];
    while (ring.watermark != ring.next &&
           tasks_[ring.tasks[ring.watermark - schedule_->first_task]].is_consumed) {
        ++ring.watermark;
    }
    return true;
}

void SchedulerTaskModel::begin_action() {
    completed_now_.clear();
    consumed_now_.clear();
}

const std::vector<uint32_t>& SchedulerTaskModel::completed_now() {
    std::sort(completed_now_.begin(), completed_now_.end());
    return completed_now_;
}

const std::vector<uint32_t>& SchedulerTaskModel::consumed_now() {
    std::sort(consumed_now_.begin(), consumed_now_.end());
    return consumed_now_;
}

}  // namespace fuzz
