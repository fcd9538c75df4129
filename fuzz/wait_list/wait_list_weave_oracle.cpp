// Exactly once, not early, the first error only, nothing left; see the header.
#include "fuzz/wait_list/wait_list_weave_oracle.h"

#include <cstdint>
#include <initializer_list>
#include <string>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/state_counters.h"
#include "src/runtime/pto_constants.h"

namespace fuzz {
namespace {

using Point = WaitListPoint;

enum class Verdict : uint8_t {
    completed_twice,
    early,        ///< completed before a subtask or a condition
    unlocked,     ///< completed by a thread without the lock
    lost,         ///< never completed, or never released
    stale,        ///< what a subtask or the engine had written was not seen
    wrong_error,  ///< another error than the scenario's, or none
    after_error,  ///< something happened after the error
    not_clean,    ///< a good run left something behind
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::completed_twice, "completed-twice"},
    {Verdict::early, "early"},
    {Verdict::unlocked, "unlocked"},
    {Verdict::lost, "lost"},
    {Verdict::stale, "stale"},
    {Verdict::wrong_error, "wrong-error"},
    {Verdict::after_error, "after-error"},
    {Verdict::not_clean, "not-clean"},
});

enum class State : uint8_t {
    ended_well,
    invalid_condition,
    list_full,
    malformed_message,
    ring_full,
    list_was_full,
    completed_before_error,
    count,
};

StateCounters<State> counters({{
    {State::ended_well, "a run ended well"},
    {State::invalid_condition, "a condition that cannot be tested ended a run"},
    {State::list_full, "a 65th task ended a run"},
    {State::malformed_message, "a malformed message ended a run"},
    {State::ring_full, "a push met a full ring"},
    {State::list_was_full, "64 tasks waited, and all completed"},
    {State::completed_before_error, "a task completed before the run's error"},
}});

class Judge {
  public:
    Judge(const WaitListWeaveSchedule& schedule, const WaitListWeaveHistory& history)
        : schedule_(schedule), history_(history), end_(history.end) {}

    std::optional<Finding> run() {
        for (uint32_t task = 0; task < waiting_tasks_max; ++task) {
            check_task(task, history_.tasks[task]);
        }
        check_others();
        fail_if(history_.stale != 0, Verdict::stale,
                "what was written before a completion was not seen", {point_of(Point::stale)});
        check_errors();
        fail_if(end_.is_busy, Verdict::not_clean, "the lock is held at the end", {});
        if (end_.error == 0) {
            check_good_end();
        }
        if (finding_) {
            return finding_;
        }
        count_states();
        return std::nullopt;
    }

  private:
    void check_task(uint32_t number, const ExploredTask& task) {
        const std::string name = "task " + std::to_string(number) + " ";
        const uint64_t finished = point_of(Point::subtask_finished, number);
        const uint64_t completed = point_of(Point::completed, number);
        const uint64_t released = point_of(Point::released, number);
        fail_if(task.completed > 1 || task.released > 1, Verdict::completed_twice,
                name + "completed or was released more than once", {completed, released});
        fail_if(task.completed != 0 && schedule_.subtasks[number] == 0, Verdict::early,
                name + "completed and has no subtask", {completed});
        fail_if(task.was_early, Verdict::early,
                name + "completed before a subtask had finished or a condition held",
                {finished, completed});
        fail_if(task.was_unlocked, Verdict::unlocked, name + "completed without the lock",
                {completed});
        fail_if(task.was_after_error, Verdict::after_error, name + "completed after an error",
                {first_error(), completed});
        fail_if(task.was_released_early, Verdict::early, name + "was released first",
                {completed, released});
        fail_if(task.released != task.completed, Verdict::lost,
                name + "completed and was not released", {completed, released});
    }

    void check_others() {
        fail_if(history_.others_early != 0, Verdict::early,
                "a task completed before the word that it waits for had its value",
                {point_of(Point::other_completed, 1)});
        const uint64_t completed = point_of(Point::other_completed);
        fail_if(history_.others_completed > schedule_.waiting_before, Verdict::completed_twice,
                "more tasks completed than waited from the beginning", {completed});
        fail_if(history_.others_released != history_.others_completed, Verdict::lost,
                "a task that waited from the beginning was not released", {completed});
    }

    uint64_t first_error() const {
        return point_of(Point::error_told, 0, static_cast<uint32_t>(history_.first_error));
    }

    void check_errors() {
        const std::string code = std::to_string(end_.error);
        const uint64_t told = first_error();
        const uint64_t told_last =
            point_of(Point::error_told, 0, static_cast<uint32_t>(end_.error));
        fail_if(end_.error == 0 && schedule_.must_fail(), Verdict::wrong_error,
                "a malformed message did not end the run", {told});
        fail_if(end_.error != 0 && !schedule_.may_fail_with(end_.error), Verdict::wrong_error,
                "error " + code + " ended the run", {told});
        fail_if(end_.status != -end_.error, Verdict::wrong_error,
                "the run's status is " + std::to_string(end_.status) + ", the list's error " + code,
                {told, told_last});
        fail_if(history_.saw_another_error || history_.first_error != end_.error,
                Verdict::wrong_error, "two threads were told different errors", {told, told_last});
        fail_if(end_.changed_after_error, Verdict::after_error,
                "a poll after the error took or completed something, or reported another", {told});
    }

    void check_good_end() {
        for (uint32_t task = 0; task < waiting_tasks_max; ++task) {
            fail_if(schedule_.subtasks[task] != 0 && history_.tasks[task].completed == 0,
                    Verdict::lost, "task " + std::to_string(task) + " never completed",
                    {point_of(Point::subtask_finished, task)});
        }
        fail_if(history_.others_completed != schedule_.waiting_before, Verdict::lost,
                "a task that waited from the beginning never completed", {});
        fail_if(end_.completed != static_cast<int32_t>(schedule_.task_count()), Verdict::lost,
                "the polls counted " + std::to_string(end_.completed) + " completions", {});
        fail_if(end_.waiting != 0, Verdict::not_clean, "a task waits at the end", {});
        fail_if(end_.has_messages, Verdict::not_clean, "a message is left at the end", {});
    }

    void count_states() const {
        counters.reached_if(end_.error == 0, State::ended_well);
        counters.reached_if(end_.error == pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID,
                            State::invalid_condition);
        counters.reached_if(end_.error == pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW, State::list_full);
        counters.reached_if(end_.error == pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED,
                            State::malformed_message);
        counters.reached_if(end_.skipped != 0, State::ring_full);
        counters.reached_if(end_.error == 0 && schedule_.waiting_before == 64,
                            State::list_was_full);
        counters.reached_if(end_.error != 0 && end_.completed != 0, State::completed_before_error);
    }

    /// `points` are those of the execution that an explanation has to show.
    void fail_if(bool condition, Verdict verdict, const std::string& sentence,
                 std::initializer_list<uint64_t> points) {
        if (condition && !finding_) {
            finding_ = {words[verdict], sentence,
                        "error " + std::to_string(end_.error) + ", status " +
                            std::to_string(end_.status) + ", " + std::to_string(end_.completed) +
                            " completed, of " + std::to_string(schedule_.task_count()) + ", " +
                            std::to_string(end_.waiting) + " wait, " +
                            std::to_string(end_.skipped) + " pushes met a full ring\n"};
            for (const uint64_t point : points) {
                finding_->calls.push_back({"", point, point});
            }
        }
    }

    const WaitListWeaveSchedule& schedule_;
    const WaitListWeaveHistory& history_;
    const WaitListWeaveEnd& end_;
    std::optional<Finding> finding_;
};

}  // namespace

std::optional<Finding> judge(const WaitListWeaveSchedule& schedule,
                             const WaitListWeaveHistory& history) {
    return Judge(schedule, history).run();
}

std::vector<StateCount> wait_list_weave_states() { return counters.snapshot(); }

}  // namespace fuzz
