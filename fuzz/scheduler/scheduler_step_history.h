// What happened when a scheduler schedule ran: everything that crossed the platform interface, in
// order, and after every action what can be seen of the scheduler.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "src/platforms.h"

namespace fuzz {

enum class SchedulerEventKind : uint8_t {
    // Actions, each with an `observed` at its end. `which` is a thread, a core or a word.
    submit,  ///< `index` of the operation; `code` and, in `word`, the id that came back
    begin_scope,
    end_scope,  ///< `code`: was there one?
    finish_submission,
    turn,  ///< `code`, at the turn's end: did it get anything done?
    wait,
    leave,
    core_ack,     ///< `id`
    core_fin,     ///< `id`
    set_counter,  ///< `id`: its value
    set_record,
    leave_gap,  ///< `word`: the task whose condition it will be, `code`: was there room?
    fill_gap,   ///< `id`: the counter that its condition waits for
    hold_lock,
    release_lock,
    push_unknown,   ///< `code`: was there room?
    advance_clock,  ///< `word`: the number of units
    stop,           ///< `code`: the error

    // Inside an action: what the scheduler did.
    read_status,  ///< of core `which`; `id`: the word
    doorbell,     ///< of core `which`; `id`; for a dispatch, what the payload and the slab say
    core_left,    ///< core `which`, told to leave, says that it has
    idle,         ///< thread `which`
    completed,    ///< task `index`
    consumed,     ///< task `index`
    observed,     ///< `index` into the observations
    stuck,        ///< the run did not end
};

struct SchedulerEvent {
    SchedulerEventKind kind;
    uint8_t subtask;  ///< of a dispatch
    bool is_slab_clear;
    uint32_t which;
    uint32_t index;  ///< of a dispatch: the kernel, which is the operation that submitted the task
    uint32_t id;
    int32_t code;   ///< of a dispatch: the block
    uint64_t word;  ///< of a dispatch: the token

    bool operator==(const SchedulerEvent&) const = default;
};

struct SchedulerObservation {
    int32_t error_code;
    bool is_stopped;
    bool is_lock_free;
    uint32_t waiting_tasks;
    int32_t sticky_error;
    uint64_t completed;
    uint64_t mailbox_depth;
    uint64_t full_pushes;
    std::array<uint64_t, scheduler_rings_max> watermarks;
    std::array<int32_t, scheduler_threads_max> releases_buffered;

    bool operator==(const SchedulerObservation&) const = default;
};

/// What the scheduler itself says of a run that is stuck. For people: it is not compared.
struct SchedulerDiagnosis {
    std::string text;

    bool operator==(const SchedulerDiagnosis&) const { return true; }
};

struct SchedulerStepHistory {
    std::vector<SchedulerEvent> events;
    std::vector<SchedulerObservation> observations;
    int32_t status_at_end;
    bool is_clean_at_end;
    SchedulerDiagnosis diagnosis;

    void clear() {
        events.clear();
        observations.clear();
        diagnosis.text.clear();
    }

    bool operator==(const SchedulerStepHistory&) const = default;
};

/// The same schedule's history on each platform.
struct PlatformPairHistory {
    std::array<SchedulerStepHistory, pto::platform_count> of_platform;
};

}  // namespace fuzz
