// Compares a history with the model's and says what differs first; see the header.
#include "fuzz/wait_list/wait_list_step_oracle.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz/kit/describe.h"
#include "fuzz/kit/enum_words.h"
#include "fuzz/wait_list/wait_list_step_model.h"

namespace fuzz {
namespace {

enum class Verdict : uint8_t {
    bound_exceeded,    ///< more than 64 waiting tasks, or conditions of one task
    lock_held,         ///< a call left the lock held
    wrong_error,       ///< another error than the contract's, or none
    wrong_completion,  ///< a task completed or released early, late, twice, or not at all
    wrong_count,       ///< another number of messages or tasks than the contract's
    wrong_entry,       ///< a waiting task's entry is not what its messages make it
    wrong_memory,      ///< engine memory or a task's state is not what it should be at the end
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::bound_exceeded, "bound-exceeded"},
    {Verdict::lock_held, "lock-held"},
    {Verdict::wrong_error, "wrong-error"},
    {Verdict::wrong_completion, "wrong-completion"},
    {Verdict::wrong_count, "wrong-count"},
    {Verdict::wrong_entry, "wrong-entry"},
    {Verdict::wrong_memory, "wrong-memory"},
});

constexpr uint32_t bound = 64;
constexpr size_t events_shown_max = 12;
constexpr size_t entries_shown_max = 8;

Verdict classify(const WaitListEvent& got, const WaitListEvent& expected) {
    if (got.waiting_tasks > bound || got.task_conditions > bound) {
        return Verdict::bound_exceeded;
    }
    if (!got.lock_is_free) {
        return Verdict::lock_held;
    }
    if (got.error != expected.error || got.sticky_error != expected.sticky_error ||
        got.failed_task != expected.failed_task) {
        return Verdict::wrong_error;
    }
    if (got.completed != expected.completed ||
        got.calls_to_scheduler != expected.calls_to_scheduler ||
        got.releases_buffered != expected.releases_buffered) {
        return Verdict::wrong_completion;
    }
    if (got.taken != expected.taken || got.waiting_tasks != expected.waiting_tasks) {
        return Verdict::wrong_count;
    }
    return Verdict::wrong_entry;
}

std::string task_text(uint32_t task) {
    return task == no_task ? std::string("none") : std::to_string(task);
}

/// The members in which two events differ, "name got (expected)".
std::string differences(const WaitListEvent& got, const WaitListEvent& expected) {
    std::string text;
    const auto compare = [&text](const char* name, int64_t actual, int64_t wanted) {
        if (actual != wanted) {
            text += std::string(text.empty() ? "" : ", ") + name + " " + std::to_string(actual) +
                    " (should be " + std::to_string(wanted) + ")";
        }
    };
    compare("messages", got.taken, expected.taken);
    compare("error", got.error, expected.error);
    compare("completed", got.completed, expected.completed);
    if (got.failed_task != expected.failed_task) {
        text += std::string(text.empty() ? "" : ", ") + "blamed task " +
                task_text(got.failed_task) + " (should be " + task_text(expected.failed_task) + ")";
    }
    compare("waiting tasks", got.waiting_tasks, expected.waiting_tasks);
    compare("sticky error", got.sticky_error, expected.sticky_error);
    compare("buffered releases", got.releases_buffered, expected.releases_buffered);
    compare("calls to the scheduler", got.calls_to_scheduler, expected.calls_to_scheduler);
    compare("lock free", got.lock_is_free, expected.lock_is_free);
    compare("the task waits", got.task_waits, expected.task_waits);
    compare("its normal-done", got.task_is_normal_done, expected.task_is_normal_done);
    compare("its conditions", got.task_conditions, expected.task_conditions);
    compare("its open conditions", got.task_conditions_open, expected.task_conditions_open);
    return text;
}

std::string scheduler_calls(const std::vector<SchedulerCall>& calls, size_t differ_at) {
    std::string text;
    const size_t first = differ_at > 4 ? differ_at - 4 : 0;
    for (size_t i = first; i < std::min(calls.size(), differ_at + 4); ++i) {
        text += std::string(i == differ_at ? " >" : " ") +
                (calls[i].is_release ? "release " : "complete ") + task_text(calls[i].task);
    }
    return text;
}

/// The entries around the first that differs.
std::string waiting_text(const std::vector<WaitingTask>& waiting, size_t differ_at) {
    std::string text = "    " + std::to_string(waiting.size()) + " entries\n";
    const size_t first = differ_at > entries_shown_max / 2 ? differ_at - entries_shown_max / 2 : 0;
    for (size_t i = first; i < std::min(waiting.size(), first + entries_shown_max); ++i) {
        const WaitingTask& task = waiting[i];
        text += std::string(i == differ_at ? "  > " : "    ") + std::to_string(i) + "  task " +
                task_text(task.task) + ", slot of " + task_text(task.slot_of_task) +
                (task.is_normal_done ? ", normal-done" : "") + ", " +
                std::to_string(task.conditions_open) + " of " + std::to_string(task.conditions) +
                " conditions open, satisfied mask " + std::to_string(task.satisfied) +
                ", retired mask " + std::to_string(task.retired) + "\n";
    }
    return text;
}

template <class T>
size_t first_difference(const std::vector<T>& a, const std::vector<T>& b) {
    const size_t common = std::min(a.size(), b.size());
    return static_cast<size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin()).first -
        a.begin());
}

class Comparison {
  public:
    Comparison(const WaitListStepSchedule& schedule, const WaitListStepHistory& got,
               const WaitListStepHistory& expected)
        : schedule_(schedule), got_(got), expected_(expected) {}

    std::optional<Finding> run() const {
        if (got_.events.size() != expected_.events.size()) {
            return finding(Verdict::wrong_count, "the history does not have an event per operation",
                           "");
        }
        if (got_.events != expected_.events) {
            return differing_event(first_difference(got_.events, expected_.events));
        }
        if (got_.scheduler_calls != expected_.scheduler_calls) {
            const size_t at = first_difference(got_.scheduler_calls, expected_.scheduler_calls);
            return finding(
                Verdict::wrong_completion, "tasks completed or were released in another order",
                "  got:   " + scheduler_calls(got_.scheduler_calls, at) +
                    "\n  should:" + scheduler_calls(expected_.scheduler_calls, at) + "\n");
        }
        if (got_.waiting_at_end != expected_.waiting_at_end) {
            const bool in_bounds =
                got_.waiting_at_end.size() <= bound &&
                std::all_of(got_.waiting_at_end.begin(), got_.waiting_at_end.end(),
                            [](const WaitingTask& task) { return task.conditions <= bound; });
            const size_t at = first_difference(got_.waiting_at_end, expected_.waiting_at_end);
            return finding(in_bounds ? Verdict::wrong_entry : Verdict::bound_exceeded,
                           "the entries at the end differ",
                           "  got:\n" + waiting_text(got_.waiting_at_end, at) + "  should be:\n" +
                               waiting_text(expected_.waiting_at_end, at));
        }
        if (got_.memory_at_end != expected_.memory_at_end) {
            return finding(Verdict::wrong_memory, "engine memory at the end differs",
                           memory_text());
        }
        if (got_.task_state_at_end != expected_.task_state_at_end) {
            return finding(Verdict::wrong_memory, "a task's state at the end differs",
                           states_text());
        }
        return std::nullopt;
    }

  private:
    Finding differing_event(size_t index) const {
        const WaitListEvent& got = got_.events[index];
        const WaitListEvent& expected = expected_.events[index];
        const std::string operations = lines_up_to(index, events_shown_max, [this](size_t i) {
            return std::to_string(i) + "  " + describe(schedule_.operations[i]);
        });
        return finding(classify(got, expected), differences(got, expected), operations);
    }

    std::string memory_text() const {
        std::string text;
        for (uint32_t i = 0; i < counters_max; ++i) {
            text += difference("counter", i, got_.memory_at_end.counters[i],
                               expected_.memory_at_end.counters[i]);
        }
        for (uint32_t i = 0; i < records_max; ++i) {
            text += difference("record", i, got_.memory_at_end.records[i],
                               expected_.memory_at_end.records[i]);
        }
        return text;
    }

    std::string states_text() const {
        std::string text;
        for (uint32_t i = 0; i < tasks_max; ++i) {
            text += difference("state of task", i, static_cast<uint64_t>(got_.task_state_at_end[i]),
                               static_cast<uint64_t>(expected_.task_state_at_end[i]));
        }
        return text;
    }

    static std::string difference(const char* name, uint32_t index, uint64_t got,
                                  uint64_t expected) {
        if (got == expected) {
            return {};
        }
        return std::string("  ") + name + " " + std::to_string(index) + ": " + std::to_string(got) +
               " (should be " + std::to_string(expected) + ")\n";
    }

    Finding finding(Verdict verdict, const std::string& sentence,
                    const std::string& details) const {
        return {words[verdict], sentence,
                "platform " + std::string(schedule_.platform_name) + ", mailbox capacity " +
                    std::to_string(schedule_.mailbox_capacity) + ", release buffer " +
                    std::to_string(schedule_.release_capacity) + "\n" + details};
    }

    const WaitListStepSchedule& schedule_;
    const WaitListStepHistory& got_;
    const WaitListStepHistory& expected_;
};

}  // namespace

std::optional<Finding> judge(const WaitListStepSchedule& schedule,
                             const WaitListStepHistory& history) {
    static WaitListStepHistory expected;
    predict(schedule, expected);
    return Comparison(schedule, history, expected).run();
}

std::vector<StateCount> wait_list_step_states() { return predicted_states(); }

}  // namespace fuzz
