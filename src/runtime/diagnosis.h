// Why a run stands still, for people: what a scheduler that no longer makes progress waits for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "pto_assert.h"

namespace pto {

/// What can hold a run up, the more likely cause before what follows from it.
enum class Standstill : uint8_t {
    CORE_WITHOUT_ACK,    ///< a core never acknowledged its dispatch
    CORE_WITHOUT_FIN,    ///< a core acknowledged and never finished
    FIN_NOT_SEEN,        ///< a core has finished, and its thread did not look
    TICKET_UNPUBLISHED,  ///< messages stand behind a ticket of the mailbox that is not published
    LOCK_HELD,           ///< the wait list's lock is taken, so that no thread polls
    CONDITION_OPEN,      ///< a task waits for conditions that do not hold
    RELEASE_KEPT,        ///< a thread keeps completed tasks that it has not released
    TASK_LOST,           ///< a task could run, and is in no queue and on no core
    TASK_WITHOUT_CORE,   ///< a task is ready, and no core takes it
    WINDOW_FULL,         ///< the submission waits for room in a ring
    SUBMISSION_OPEN,     ///< all is done, and the submission was not finished
    CORE_DID_NOT_LEAVE,  ///< at the end of the run a core did not answer exit
};
inline constexpr size_t STANDSTILLS = 12;

/// What was found of one kind.
struct StandstillFindings {
    /// Culprits that are kept by name.
    static constexpr size_t named_max = 6;

    uint64_t count = 0;  ///< all of them
    std::array<std::string, named_max> culprits;

    void add(std::string culprit) {
        if (count < named_max) {
            culprits[count] = std::move(culprit);
        }
        ++count;
    }
    size_t named() const noexcept {
        return static_cast<size_t>(std::min<uint64_t>(count, named_max));
    }
};

/// A picture of a run at one moment. A value; text() is at most 40 lines.
struct Diagnosis {
    static constexpr size_t lines_max = 40;

    uint64_t submitted = 0;
    uint64_t completed = 0;
    bool is_submission_finished = false;
    uint64_t mpsc_skipped_count = 0;
    std::array<StandstillFindings, STANDSTILLS> of_kind;

    StandstillFindings& of(Standstill kind) noexcept { return of_kind[static_cast<size_t>(kind)]; }
    const StandstillFindings& of(Standstill kind) const noexcept {
        return of_kind[static_cast<size_t>(kind)];
    }

    bool has_findings() const noexcept {
        return std::any_of(of_kind.begin(), of_kind.end(),
                           [](const StandstillFindings& found) { return found.count != 0; });
    }

    /// The first kind that was found, the likely cause of the others. Only with findings.
    Standstill likely_cause() const noexcept {
        PTO_ASSERT(has_findings());
        const auto first =
            std::find_if(of_kind.begin(), of_kind.end(),
                         [](const StandstillFindings& found) { return found.count != 0; });
        return static_cast<Standstill>(first - of_kind.begin());
    }

    /// Lines: the counts of the run, then each kind with what to look at and its culprits. The
    /// likely cause names all that are kept, the others one each.
    std::string text() const {
        std::string text = "diagnosis: " + std::to_string(completed) + " of " +
                           std::to_string(submitted) + " tasks completed, submission " +
                           (is_submission_finished ? "finished" : "open") +
                           ", mpsc_skipped_count " + std::to_string(mpsc_skipped_count) + "\n";
        if (!has_findings()) {
            return text + "  nothing that the scheduler knows of holds the run up\n";
        }
        const Standstill cause = likely_cause();
        for (size_t i = 0; i < STANDSTILLS; ++i) {
            const auto kind = static_cast<Standstill>(i);
            if (of(kind).count != 0) {
                add_kind(text, kind, kind == cause ? StandstillFindings::named_max : 1);
            }
        }
        return text;
    }

    /// What the kind means, in a line.
    static std::string_view name(Standstill kind) noexcept { return words(kind).name; }
    /// What to look at, in a line.
    static std::string_view hint(Standstill kind) noexcept { return words(kind).hint; }

  private:
    struct Words {
        std::string_view name;
        std::string_view hint;
    };

    void add_kind(std::string& text, Standstill kind, size_t named_max) const {
        const StandstillFindings& found = of(kind);
        const size_t named = std::min(found.named(), named_max);
        text += "  " + std::string(name(kind)) + ": " + std::to_string(found.count) +
                "; fix: " + std::string(hint(kind)) + "\n";
        for (size_t i = 0; i < named; ++i) {
            text += "    - " + found.culprits[i] + "\n";
        }
        if (named < found.count && named_max > 1) {
            text += "    - and " + std::to_string(found.count - named) + " more\n";
        }
    }

    static const Words& words(Standstill kind) noexcept {
        static constexpr std::array<Words, STANDSTILLS> all = {{
            {"core without ACK", "the core hangs before its kernel, or does not see its doorbell"},
            {"core without FIN", "the kernel does not return, or the FIN was lost"},
            {"FIN not seen", "the core's scheduler thread does not take turns any more"},
            {"unpublished ticket", "a producer stopped between its claim and its publication"},
            {"lock held", "a thread took the wait list's lock and has not released it"},
            {"open condition", "the engine has not written the word, or the address is wrong"},
            {"release kept", "a thread that has nothing to do must flush its releases"},
            {"lost task", "a wake-up or a FIN was lost: look at fan-in and subtask counts"},
            {"ready task without a core", "see what holds the cores that it needs"},
            {"full window", "let the task named complete, end its scope, or enlarge the window"},
            {"open submission", "the submitter has to submit or to call finish()"},
            {"core did not leave", "the kernel does not return, or the core does not answer exit"},
        }};
        return all[static_cast<size_t>(kind)];
    }
};

}  // namespace pto
