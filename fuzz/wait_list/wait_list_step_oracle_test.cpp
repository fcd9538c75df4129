// Tests the alarm of the wait list: what the real list does on every seed passes, and each member
// of a history that is changed gets its own verdict, in a report that a person can read at a
// glance.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/wait_list/wait_list_step_oracle.h"
#include "fuzz/wait_list/wait_list_step_runner.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz::test {
namespace {

constexpr size_t screen_lines = 40;

/// A seed and what the real wait list did with it.
struct RealRun {
    std::string name;
    WaitListStepSchedule schedule;
    WaitListStepHistory history;
};

const std::vector<RealRun>& runs() {
    static const std::vector<RealRun> all = [] {
        const auto runner = std::make_unique<WaitListStepRunner>();
        std::vector<RealRun> made;
        for (const Seed& seed : WaitListStepSchedule::seeds()) {
            made.push_back({seed.name, {}, {}});
            made.back().schedule.decode(seed.bytes);
            runner->run(made.back().schedule, made.back().history);
        }
        return made;
    }();
    return all;
}

const RealRun& run_named(const std::string& name) {
    return *std::find_if(runs().begin(), runs().end(),
                         [&name](const RealRun& run) { return run.name == name; });
}

/// Lines of the report, the reproducer's two included.
size_t lines_of(const Finding& finding) {
    const std::string text = finding.verdict + finding.sentence + "\n" + finding.details;
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 2;
}

bool mentions(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// The verdict on a run whose history was changed.
std::string verdict_on(const RealRun& run,
                       const std::function<void(WaitListStepHistory&)>& change) {
    WaitListStepHistory history = run.history;
    change(history);
    const std::optional<Finding> found = judge(run.schedule, history);
    return found ? found->verdict : "passes";
}

Finding finding_on(const RealRun& run, const std::function<void(WaitListStepHistory&)>& change) {
    WaitListStepHistory history = run.history;
    change(history);
    return judge(run.schedule, history).value_or(Finding{"passes", "", ""});
}

/// The runs in which a part of the history has something in it to change.
template <class Part>
std::vector<const RealRun*> runs_with(Part WaitListStepHistory::* part, size_t size_min = 1) {
    std::vector<const RealRun*> found;
    for (const RealRun& run : runs()) {
        if ((run.history.*part).size() >= size_min) {
            found.push_back(&run);
        }
    }
    return found;
}

/// Another number of waiting tasks or conditions, and no more than may be.
void change_within_bounds(uint32_t& number) { number = number == 0 ? 1 : number - 1; }

TEST(WaitListOracle, passes_what_the_wait_list_does_on_every_seed) {
    for (const RealRun& run : runs()) {
        const std::optional<Finding> found = judge(run.schedule, run.history);
        EXPECT_FALSE(found) << run.name << ": " << found->verdict << ": " << found->sentence;
    }
}

struct EventChange {
    const char* member;  ///< as the report calls it
    const char* verdict;
    void (*apply)(WaitListEvent& event);
};

constexpr EventChange event_changes[] = {
    {"waiting tasks", "bound-exceeded", [](WaitListEvent& e) { e.waiting_tasks = 65; }},
    {"its conditions", "bound-exceeded", [](WaitListEvent& e) { e.task_conditions = 65; }},
    {"lock free", "lock-held", [](WaitListEvent& e) { e.lock_is_free = false; }},
    {"error", "wrong-error", [](WaitListEvent& e) { e.error = e.error == 101 ? 0 : 101; }},
    {"sticky error", "wrong-error", [](WaitListEvent& e) { e.sticky_error ^= 1; }},
    {"blamed task", "wrong-error",
     [](WaitListEvent& e) { e.failed_task = e.failed_task == 3 ? no_task : 3; }},
    {"completed", "wrong-completion", [](WaitListEvent& e) { ++e.completed; }},
    {"calls to the scheduler", "wrong-completion",
     [](WaitListEvent& e) { ++e.calls_to_scheduler; }},
    {"buffered releases", "wrong-completion", [](WaitListEvent& e) { ++e.releases_buffered; }},
    {"messages", "wrong-count", [](WaitListEvent& e) { ++e.taken; }},
    {"waiting tasks", "wrong-count",
     [](WaitListEvent& e) { change_within_bounds(e.waiting_tasks); }},
    {"the task waits", "wrong-entry", [](WaitListEvent& e) { e.task_waits = !e.task_waits; }},
    {"its normal-done", "wrong-entry",
     [](WaitListEvent& e) { e.task_is_normal_done = !e.task_is_normal_done; }},
    {"its conditions", "wrong-entry",
     [](WaitListEvent& e) { change_within_bounds(e.task_conditions); }},
    {"its open conditions", "wrong-entry", [](WaitListEvent& e) { ++e.task_conditions_open; }},
};

void expect_found(const RealRun& run, size_t index, const EventChange& change) {
    SCOPED_TRACE(run.name + ", operation " + std::to_string(index) + ", " + change.member);
    const Finding found =
        finding_on(run, [&](WaitListStepHistory& history) { change.apply(history.events[index]); });
    EXPECT_EQ(found.verdict, change.verdict);
    EXPECT_TRUE(mentions(found.sentence, change.member)) << found.sentence;
    const std::string operation =
        "> " + std::to_string(index) + "  " + describe(run.schedule.operations[index]) + "\n";
    EXPECT_TRUE(mentions(found.details, operation)) << found.details;
    EXPECT_LE(lines_of(found), screen_lines);
}

TEST(WaitListOracle, finds_each_changed_member_of_each_event_and_names_operation_and_difference) {
    for (const RealRun& run : runs()) {
        const size_t events = run.history.events.size();
        for (const size_t index : std::set<size_t>{0, 1, events / 2, events - 1}) {
            for (const EventChange& change : event_changes) {
                expect_found(run, std::min(index, events - 1), change);
            }
        }
    }
}

TEST(WaitListOracle, shows_what_was_and_what_should_have_been) {
    const Finding found = finding_on(run_named("inline-a2a3"),
                                     [](WaitListStepHistory& h) { h.events[1].completed = 0; });
    EXPECT_EQ(found.sentence, "completed 0 (should be 1)");
    EXPECT_EQ(found.details,
              "platform a2a3, mailbox capacity 4096, release buffer 256\n"
              "  0  task 3 pushes its normal-done\n"
              "> 1  drain with a sink\n");
}

TEST(WaitListOracle, reports_the_first_event_that_differs) {
    const Finding found = finding_on(run_named("record-a5"), [](WaitListStepHistory& h) {
        h.events[6].lock_is_free = false;
        h.events[4].taken = 9;
    });
    EXPECT_EQ(found.verdict, "wrong-count");
    EXPECT_TRUE(mentions(found.details, "\n> 4  ")) << found.details;
}

TEST(WaitListOracle, reports_the_worst_of_what_differs_in_one_event) {
    const RealRun& run = run_named("counter-a5");
    WaitListStepHistory history = run.history;
    WaitListEvent& event = history.events[2];
    const auto verdict = [&] { return judge(run.schedule, history)->verdict; };
    ++event.task_conditions_open;
    EXPECT_EQ(verdict(), "wrong-entry");
    ++event.taken;
    EXPECT_EQ(verdict(), "wrong-count");
    ++event.completed;
    EXPECT_EQ(verdict(), "wrong-completion");
    event.error = 103;
    EXPECT_EQ(verdict(), "wrong-error");
    event.lock_is_free = false;
    EXPECT_EQ(verdict(), "lock-held");
    event.waiting_tasks = 65;
    EXPECT_EQ(verdict(), "bound-exceeded");
}

TEST(WaitListOracle, finds_each_change_to_the_calls_to_the_scheduler) {
    const std::vector<std::function<void(WaitListStepHistory&)>> changes = {
        [](WaitListStepHistory& h) { h.scheduler_calls.back().task ^= 1; },
        [](WaitListStepHistory& h) { h.scheduler_calls.front().is_release ^= true; },
        [](WaitListStepHistory& h) { h.scheduler_calls.push_back(h.scheduler_calls.back()); },
        [](WaitListStepHistory& h) { h.scheduler_calls.pop_back(); },
        [](WaitListStepHistory& h) { h.scheduler_calls.erase(h.scheduler_calls.begin()); },
    };
    const auto with_calls = runs_with(&WaitListStepHistory::scheduler_calls);
    ASSERT_GT(with_calls.size(), 10u);
    for (const RealRun* run : with_calls) {
        for (size_t i = 0; i < changes.size(); ++i) {
            const Finding found = finding_on(*run, changes[i]);
            EXPECT_EQ(found.verdict, "wrong-completion") << run->name << ", change " << i;
            EXPECT_LE(lines_of(found), screen_lines) << run->name << ", change " << i;
        }
    }
}

TEST(WaitListOracle, finds_tasks_that_completed_in_another_order) {
    const Finding found = finding_on(run_named("record-a2a3"), [](WaitListStepHistory& h) {
        std::swap(h.scheduler_calls[0], h.scheduler_calls[1]);
    });
    EXPECT_EQ(found.verdict, "wrong-completion");
    EXPECT_TRUE(mentions(found.details, "got:    >complete 1 complete 2")) << found.details;
    EXPECT_TRUE(mentions(found.details, "should: >complete 2 complete 1")) << found.details;
}

TEST(WaitListOracle, finds_each_change_to_the_entries_at_the_end) {
    const std::vector<std::function<void(WaitListStepHistory&)>> changes = {
        [](WaitListStepHistory& h) { h.waiting_at_end.back().task ^= 1; },
        [](WaitListStepHistory& h) { h.waiting_at_end.back().slot_of_task ^= 1; },
        [](WaitListStepHistory& h) { h.waiting_at_end.back().is_normal_done ^= true; },
        [](WaitListStepHistory& h) { change_within_bounds(h.waiting_at_end.back().conditions); },
        [](WaitListStepHistory& h) { ++h.waiting_at_end.back().conditions_open; },
        [](WaitListStepHistory& h) { h.waiting_at_end.back().satisfied ^= 1; },
        [](WaitListStepHistory& h) { h.waiting_at_end.back().retired ^= uint64_t{1} << 63; },
        [](WaitListStepHistory& h) { h.waiting_at_end.pop_back(); },
    };
    const auto with_entries = runs_with(&WaitListStepHistory::waiting_at_end);
    ASSERT_GT(with_entries.size(), 10u);
    for (const RealRun* run : with_entries) {
        for (size_t i = 0; i < changes.size(); ++i) {
            EXPECT_EQ(verdict_on(*run, changes[i]), "wrong-entry") << run->name << ", " << i;
        }
    }
}

TEST(WaitListOracle, finds_one_entry_or_condition_too_many_at_the_end) {
    const auto verdict_with_another_entry = [](const char* name) {
        return verdict_on(run_named(name), [](WaitListStepHistory& h) {
            h.waiting_at_end.push_back(h.waiting_at_end.back());
        });
    };
    const auto verdict_with_another_condition = [](const char* name) {
        return verdict_on(run_named(name),
                          [](WaitListStepHistory& h) { ++h.waiting_at_end.back().conditions; });
    };
    EXPECT_EQ(verdict_with_another_entry("conditions-64-a5"), "wrong-entry");
    EXPECT_EQ(verdict_with_another_entry("entries-65"), "bound-exceeded");
    EXPECT_EQ(verdict_with_another_condition("entries-65"), "wrong-entry");
    EXPECT_EQ(verdict_with_another_condition("conditions-64-a5"), "bound-exceeded");
}

TEST(WaitListOracle, finds_entries_in_another_order) {
    const auto with_two_entries = runs_with(&WaitListStepHistory::waiting_at_end, 2);
    ASSERT_FALSE(with_two_entries.empty());
    for (const RealRun* run : with_two_entries) {
        EXPECT_EQ(verdict_on(*run,
                             [](WaitListStepHistory& h) {
                                 std::swap(h.waiting_at_end.front(), h.waiting_at_end.back());
                             }),
                  "wrong-entry")
            << run->name;
    }
}

TEST(WaitListOracle, fits_a_report_on_64_entries_onto_one_screen) {
    const RealRun& run = run_named("entries-65");
    ASSERT_EQ(run.history.waiting_at_end.size(), 64u);
    const uint32_t task = run.history.waiting_at_end[40].task;
    const Finding found =
        finding_on(run, [](WaitListStepHistory& h) { h.waiting_at_end[40].satisfied ^= 1; });
    EXPECT_LE(lines_of(found), screen_lines);
    EXPECT_TRUE(mentions(found.details, "task " + std::to_string(task) + ",")) << found.details;
}

struct MemoryChange {
    const char* place;  ///< as the report calls it
    void (*apply)(WaitListStepHistory& history);
};

constexpr MemoryChange memory_changes[] = {
    {"counter 15", [](WaitListStepHistory& h) { h.memory_at_end.counters[15] ^= 1; }},
    {"record 7", [](WaitListStepHistory& h) { h.memory_at_end.records[7] ^= 1; }},
    {"record 0", [](WaitListStepHistory& h) { h.memory_at_end.records[0] ^= uint64_t{1} << 63; }},
    {"task 71", [](WaitListStepHistory& h) { h.task_state_at_end[71] ^= 1; }},
};

TEST(WaitListOracle, finds_each_change_to_the_memory_at_the_end) {
    for (const RealRun& run : runs()) {
        for (const MemoryChange& change : memory_changes) {
            EXPECT_EQ(verdict_on(run, change.apply), "wrong-memory")
                << run.name << ", " << change.place;
        }
    }
}

TEST(WaitListOracle, names_the_memory_that_differs) {
    for (const MemoryChange& change : memory_changes) {
        const Finding found = finding_on(run_named("counter-a2a3"), change.apply);
        EXPECT_TRUE(mentions(found.sentence + found.details, change.place))
            << change.place << " is not in: " << found.sentence << "\n"
            << found.details;
        EXPECT_LE(lines_of(found), screen_lines);
    }
}

}  // namespace
}  // namespace fuzz::test
