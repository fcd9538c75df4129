// Every way in which a run of a job can end. The list is closed: a check picks from it, and
// `mailproof stress` prints the word.
#pragma once

namespace stress {

enum class Verdict {
    ok,
    lost,                 ///< a message was pushed and never popped
    duplicated,           ///< a message was popped twice
    reordered,            ///< a message was popped out of its order
    torn,                 ///< a field of a message is not what was pushed
    invented,             ///< a message was popped that no thread pushed
    overfull,             ///< more is held than there is room for
    refused_with_room,    ///< a push was refused, or cut short, though there was room
    passed_a_gap,         ///< a pop went past a ticket that was not published
    held_twice,           ///< two threads held the lock at once
    completed_early,      ///< a task completed before all that it waits for
    completed_twice,      ///< a task completed, or was released, a second time
    never_completed,      ///< a task did not complete though nothing was left to wait for
    wrong_error,          ///< another error than the contract's, or none
    went_on_after_error,  ///< something was taken or completed after an error
    device_word_changed,  ///< a counter or record is not as its engine left it
    left_over,            ///< something remained where the run must leave nothing
    denied_pending,       ///< has_pending() was false though a message was there
    unreached,            ///< the job did not reach a state that it exists to reach
    hang,                 ///< no thread made progress within the limit, or the run did not end
};

/// The verdict as it is printed: one word, dashes inside.
constexpr const char* name(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::lost:
            return "lost";
        case Verdict::duplicated:
            return "duplicated";
        case Verdict::reordered:
            return "reordered";
        case Verdict::torn:
            return "torn";
        case Verdict::invented:
            return "invented";
        case Verdict::overfull:
            return "overfull";
        case Verdict::refused_with_room:
            return "refused-with-room";
        case Verdict::passed_a_gap:
            return "passed-a-gap";
        case Verdict::held_twice:
            return "held-twice";
        case Verdict::completed_early:
            return "completed-early";
        case Verdict::completed_twice:
            return "completed-twice";
        case Verdict::never_completed:
            return "never-completed";
        case Verdict::wrong_error:
            return "wrong-error";
        case Verdict::went_on_after_error:
            return "went-on-after-error";
        case Verdict::device_word_changed:
            return "device-word-changed";
        case Verdict::left_over:
            return "left-over";
        case Verdict::denied_pending:
            return "denied-pending";
        case Verdict::unreached:
            return "unreached";
        case Verdict::hang:
            return "hang";
    }
    return "";
}

}  // namespace stress
