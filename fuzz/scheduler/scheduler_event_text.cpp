// Lines of a scheduler's history; see the header.
#include "fuzz/scheduler/scheduler_event_text.h"

#include "fuzz/scheduler/scheduler_core_model.h"

namespace fuzz {
namespace {

using Kind = SchedulerEventKind;

std::string observation_text(const SchedulerObservation& seen) {
    return "error " + std::to_string(seen.error_code) + ", completed " +
           std::to_string(seen.completed) + ", waiting " + std::to_string(seen.waiting_tasks) +
           ", mailbox " + std::to_string(seen.mailbox_depth) + ", full pushes " +
           std::to_string(seen.full_pushes);
}

}  // namespace

std::string describe(const SchedulerStepSchedule& schedule, const SchedulerStepHistory& history,
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
            return "another thread takes the wait list's lock";
        case Kind::release_lock:
            return "and releases it";
        case Kind::push_unknown:
            return "a message of unknown kind is pushed -> " + code;
        case Kind::advance_clock:
            return "the clock advances by " + std::to_string(event.word);
        case Kind::stop:
            return "another thread ends the run with error " + code;
        case Kind::read_status:
            return "  core " + which + " says " + (event.id >> 31 != 0 ? "FIN " : "ACK ") +
                   std::to_string(event.id & 0x7fffffffu);
        case Kind::doorbell:
            if (event.id == SchedulerCoreModel::exit_id ||
                event.id == SchedulerCoreModel::idle_id) {
                return "  core " + which + " is told to " +
                       (event.id == SchedulerCoreModel::exit_id ? "leave" : "be idle");
            }
            return "  core " + which + " gets " + task + " block " + code + " as dispatch " +
                   std::to_string(event.id);
        case Kind::core_left:
            return "  core " + which + " leaves";
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

}  // namespace fuzz
