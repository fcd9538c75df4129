// Status words and dispatches in the scheduler's model; see the header.
#include "fuzz/scheduler/scheduler_core_model.h"

#include <algorithm>

#include "fuzz/scheduler/scheduler_verdicts.h"

namespace fuzz {
namespace {

using State = SchedulerState;

constexpr uint32_t reserved_id = 0x7ffffff0;
constexpr uint32_t fin_bit = 0x80000000;

StateCounters<State>& counters = scheduler_counters;

/// The largest numbers are not dispatches; even and odd alternate all the same.
constexpr uint32_t id_after(uint32_t id) { return id + 1 == reserved_id ? 0 : id + 1; }

}  // namespace

void SchedulerCoreModel::reset(const SchedulerStepSchedule& schedule) {
    const uint32_t last = schedule.last_dispatch_id;
    const bool is_fresh = last == none;
    const Core core{.running = none,
                    .pending = none,
                    .is_occupied = false,
                    .next_id = is_fresh ? 0 : id_after(last),
                    .dispatches = {},
                    .status = last | fin_bit,
                    .is_due = false,
                    .is_given_up = false};
    cores_.assign(size_t{schedule.sizes().clusters} * cores_per_cluster, core);
    threads_ = schedule.sizes().threads;
}

bool SchedulerCoreModel::has_place(uint32_t cores, uint32_t thread, bool ahead) const {
    const auto can_take = [&](uint32_t core) {
        return ahead ? cores_[core].can_take() : cores_[core].is_idle();
    };
    for (uint32_t first = 0; first < cores_.size(); first += cores_per_cluster) {
        if (!is_own(first, thread)) {
            continue;
        }
        uint32_t free = 0;
        for (uint32_t kind = 0; kind < cores_per_cluster; ++kind) {
            free |= can_take(first + kind) ? 1u << kind : 0;
        }
        const bool is_single_vector = cores == 2 || cores == 4;
        if (is_single_vector ? (free & 6) != 0 : (free & cores) == cores) {
            return true;
        }
    }
    return false;
}

void SchedulerCoreModel::expect_reads(uint32_t thread) {
    for (uint32_t i = 0; i < cores_.size(); ++i) {
        cores_[i].is_due = is_own(i, thread) && !cores_[i].is_idle();
    }
}

void SchedulerCoreModel::expect_all() {
    for (Core& core : cores_) {
        core.is_due = true;
    }
}

bool SchedulerCoreModel::take_due(uint32_t core) {
    if (core >= cores_.size() || !cores_[core].is_due) {
        return false;
    }
    cores_[core].is_due = false;
    return true;
}

std::optional<uint32_t> SchedulerCoreModel::first_due() const {
    for (uint32_t i = 0; i < cores_.size(); ++i) {
        if (cores_[i].is_due) {
            return i;
        }
    }
    return std::nullopt;
}

/// A busy core has news if it has taken its pending task up, and if it has no such task, by a FIN
/// or a first ACK of its running one.
bool SchedulerCoreModel::Core::is_silent() const {
    const uint32_t id = status & ~fin_bit;
    const bool is_fin = (status & fin_bit) != 0;
    const bool has_news =
        pending != none ? id == pending : id == running && (is_fin || is_occupied);
    return !is_idle() && !has_news;
}

void SchedulerCoreModel::give_up_silent() {
    for (Core& core : cores_) {
        core.is_given_up = core.is_silent();
    }
}

bool SchedulerCoreModel::is_one_waited_for() const {
    return std::any_of(cores_.begin(), cores_.end(),
                       [](const Core& core) { return core.is_due && !core.is_given_up; });
}

bool SchedulerCoreModel::is_one_to_leave() const {
    return std::any_of(cores_.begin(), cores_.end(), [](const Core& core) {
        return core.is_due && !core.is_given_up && core.status != exited_status;
    });
}

StatusMeaning SchedulerCoreModel::read(uint32_t number, uint32_t status) {
    Core& core = cores_[number];
    const uint32_t id = status & ~fin_bit;
    const bool is_fin = (status & fin_bit) != 0;
    if (id >= reserved_id) {
        return {false, 0, {}};
    }
    const bool has_pending = core.pending != none;
    if (has_pending && id == core.pending) {
        const ModelDispatch& running = core.dispatches[core.running & 1];
        core.is_occupied = false;
        counters.reached(is_fin ? State::pending_fin : State::promoted);
        if (is_fin) {
            core.running = core.pending = none;
            return {true, 2, {core.dispatches[id & 1], running}};
        }
        core.running = core.pending;
        core.pending = none;
        return {true, 1, {running}};
    }
    if (id != core.running) {
        return {false, 0, {}};
    }
    if (has_pending) {
        counters.reached_if(is_fin, State::running_fin_hidden);
        return {false, 0, {}};
    }
    const bool was_occupied = core.is_occupied;
    core.is_occupied = false;
    if (is_fin) {
        core.running = none;
        return {true, 1, {core.dispatches[id & 1]}};
    }
    return {was_occupied, 0, {}};
}

const char* SchedulerCoreModel::dispatch_fault(uint32_t number, uint32_t id) const {
    const Core& core = cores_[number];
    if (!core.is_idle() && (core.pending != none || core.is_occupied)) {
        return "the core has no room: no ACK was seen since its last dispatch";
    }
    if (id != core.next_id) {
        return "the dispatch id does not follow the core's last one";
    }
    return nullptr;
}

void SchedulerCoreModel::note_dispatch(uint32_t number, uint32_t id,
                                       const ModelDispatch& dispatch) {
    Core& core = cores_[number];
    core.dispatches[id & 1] = dispatch;
    counters.reached_if(!core.is_idle(), State::dispatched_ahead);
    counters.reached_if(cluster_of(number) >= 32, State::cluster_32_used);
    counters.reached_if(cluster_of(number) == 63, State::cluster_63_used);
    (core.is_idle() ? core.running : core.pending) = id;
    core.is_occupied = true;
    core.next_id = id_after(id);
    counters.reached_if(core.next_id < id, State::dispatch_id_wrapped);
}

}  // namespace fuzz
