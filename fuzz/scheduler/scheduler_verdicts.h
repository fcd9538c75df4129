// What the model of the scheduler can find, and the states that it counts.
#pragma once

#include <cstdint>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/state_counters.h"

namespace fuzz {

enum class SchedulerVerdict : uint8_t {
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

inline constexpr EnumWords<SchedulerVerdict> scheduler_verdict_words({
    {SchedulerVerdict::wrong_submission, "wrong-submission"},
    {SchedulerVerdict::wrong_read, "wrong-read"},
    {SchedulerVerdict::wrong_dispatch, "wrong-dispatch"},
    {SchedulerVerdict::wrong_completion, "wrong-completion"},
    {SchedulerVerdict::wrong_release, "wrong-release"},
    {SchedulerVerdict::wrong_error, "wrong-error"},
    {SchedulerVerdict::wrong_count, "wrong-count"},
    {SchedulerVerdict::idle_with_work, "idle-with-work"},
    {SchedulerVerdict::lock_held, "lock-held"},
    {SchedulerVerdict::not_ended, "not-ended"},
    {SchedulerVerdict::not_clean, "not-clean"},
    {SchedulerVerdict::platforms_differ, "platforms-differ"},
});

enum class SchedulerState : uint8_t {
    window_full,
    held_by_scope,
    refused_argument,
    refused_dependency,
    records_full,
    dependency_met_before,
    slot_reused,
    id_wrapped,
    number_wrapped,
    task_split,
    mixed_dispatched,
    dispatched_ahead,
    left_to_another_thread,
    mixed_passed_mixed,
    promoted,
    running_fin_hidden,
    pending_fin,
    dispatch_id_wrapped,
    cluster_32_used,
    cluster_63_used,
    two_rings_full,
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
    registered,
    registration_without_room,
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
    core_did_not_leave,
    silent_core_given_up,
    waited_for_a_core,
    good_end,
    count,
};

/// Counts of all schedules since the program started. Not thread-safe.
inline StateCounters<SchedulerState> scheduler_counters({{
    {SchedulerState::window_full, "a submission waited for the window"},
    {SchedulerState::held_by_scope, "a submission met a ring that open scopes hold"},
    {SchedulerState::refused_argument, "a submission with an argument out of range"},
    {SchedulerState::refused_dependency, "a dependency that was never submitted"},
    {SchedulerState::records_full, "a submission waited for dependency records"},
    {SchedulerState::dependency_met_before, "a dependency was met before the submission"},
    {SchedulerState::slot_reused, "a slot was used again"},
    {SchedulerState::id_wrapped, "a task's number passed 2^32"},
    {SchedulerState::number_wrapped, "a task's number passed 2^64"},
    {SchedulerState::task_split, "a task's blocks were dispatched in several turns"},
    {SchedulerState::mixed_dispatched, "a block on several cores"},
    {SchedulerState::dispatched_ahead, "a task was dispatched ahead"},
    {SchedulerState::left_to_another_thread, "a task was left to another thread's idle core"},
    {SchedulerState::mixed_passed_mixed, "a task for several cores passed another one"},
    {SchedulerState::promoted, "a pending task started"},
    {SchedulerState::running_fin_hidden, "a running FIN with a task pending"},
    {SchedulerState::pending_fin, "a pending FIN that was never seen to start"},
    {SchedulerState::dispatch_id_wrapped, "a core's dispatch ids began again"},
    {SchedulerState::cluster_32_used, "a cluster beyond the 32nd got a block"},
    {SchedulerState::cluster_63_used, "the 64th cluster got a block"},
    {SchedulerState::two_rings_full, "two windows of 32 or more were full"},
    {SchedulerState::dummy_chain, "a dummy made a dummy ready"},
    {SchedulerState::batch_of_dummies, "a full batch of dummies"},
    {SchedulerState::completed_inline, "a task completed on its last FIN"},
    {SchedulerState::completed_by_poll, "a waiting task completed"},
    {SchedulerState::some_subtasks_deferred, "a task with deferred subtasks and others"},
    {SchedulerState::condition_65, "a 65th condition of a task"},
    {SchedulerState::task_65_waits, "a 65th waiting task"},
    {SchedulerState::slab_error, "an error in a slab"},
    {SchedulerState::slab_negative, "a negative error in a slab"},
    {SchedulerState::slab_overfull, "a 65th condition in a slab"},
    {SchedulerState::slab_corrupt, "a corrupt count in a slab"},
    {SchedulerState::registered, "a task registered in one message"},
    {SchedulerState::registration_without_room, "a registration did not fit into the mailbox"},
    {SchedulerState::full_mailbox_helped, "a full mailbox was drained by the pusher"},
    {SchedulerState::full_mailbox_stopped, "a run ended during a push to a full mailbox"},
    {SchedulerState::full_mailbox_timed_out, "the watchdog ended a wait for room"},
    {SchedulerState::gap_stops_drain, "a drain stopped at an unpublished ticket"},
    {SchedulerState::poll_meets_lock, "a poll met a held lock"},
    {SchedulerState::watchdog_expired, "the watchdog ended a run"},
    {SchedulerState::stopped_from_outside, "another thread ended the run"},
    {SchedulerState::late_message, "a message was left at the end"},
    {SchedulerState::release_buffer_full, "a full release buffer was emptied first"},
    {SchedulerState::consumed_by_scope_end, "the end of a scope freed a slot"},
    {SchedulerState::consumed_by_consumer, "a consumer's release freed a slot"},
    {SchedulerState::condition_invalid, "a condition that cannot be tested"},
    {SchedulerState::error_in_helper, "an error in the poll of a thread that waited for room"},
    {SchedulerState::core_did_not_leave, "a core did not leave"},
    {SchedulerState::silent_core_given_up, "a silent core was not waited for again"},
    {SchedulerState::waited_for_a_core, "a thread waited for a core to leave"},
    {SchedulerState::good_end, "a run ended well"},
}});

}  // namespace fuzz
