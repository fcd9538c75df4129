// Tests the oracle of the wait list under weave: a good history passes, and each corruption of one
// gets its verdict. Tests the scenario's bytes.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/explored_inputs.h"
#include "fuzz/wait_list/wait_list_weave_history.h"
#include "fuzz/wait_list/wait_list_weave_oracle.h"
#include "fuzz/wait_list/wait_list_weave_schedule.h"
#include "src/runtime/pto_constants.h"

namespace fuzz::test {
namespace {

using Builder = ExploredBuilder<WaitListWeaveSchedule>;

// Operations: of FIN thread 0, FIN thread 1 and the engine.
constexpr unsigned malformed = 6u << 2 | 1;

WaitListWeaveSchedule decoded(const std::vector<uint8_t>& bytes) {
    WaitListWeaveSchedule schedule{};
    schedule.decode(bytes);
    return schedule;
}

/// Task 0 has two subtasks, of which one leaves a condition.
WaitListWeaveSchedule one_task() {
    return decoded(Builder({2}).add({0, 1u << 2, 0}).add({1, 0, 0}).bytes());
}

/// The same, and a message that is an error.
WaitListWeaveSchedule one_task_and_an_error() {
    return decoded(Builder({2}).add({0, 1u << 2, 0}).add({malformed, 1, 0}).bytes());
}

WaitListWeaveHistory good_history() {
    WaitListWeaveHistory history;
    history.tasks[0].completed = 1;
    history.tasks[0].released = 1;
    history.end.completed = 1;
    return history;
}

WaitListWeaveHistory history_with(int32_t error) {
    WaitListWeaveHistory history;
    history.first_error = error;
    history.end.error = error;
    history.end.status = -error;
    history.end.waiting = 1;
    return history;
}

std::string verdict(const WaitListWeaveSchedule& schedule, const WaitListWeaveHistory& history) {
    const std::optional<Finding> found = judge(schedule, history);
    return found ? found->verdict : "passes";
}

TEST(WaitListWeaveOracle, a_good_run_passes_and_each_corruption_of_it_is_named) {
    struct Corruption {
        const char* verdict;
        void (*apply)(WaitListWeaveHistory&);
    };
    const Corruption corruptions[] = {
        {"passes", [](WaitListWeaveHistory&) {}},
        {"completed-twice", [](WaitListWeaveHistory& h) { h.tasks[0].completed = 2; }},
        {"completed-twice", [](WaitListWeaveHistory& h) { h.tasks[0].released = 2; }},
        {"completed-twice", [](WaitListWeaveHistory& h) { h.others_completed = 1; }},
        {"early", [](WaitListWeaveHistory& h) { h.tasks[0].was_early = true; }},
        {"early", [](WaitListWeaveHistory& h) { h.tasks[0].was_released_early = true; }},
        {"early", [](WaitListWeaveHistory& h) { h.tasks[1] = h.tasks[0]; }},
        {"early", [](WaitListWeaveHistory& h) { h.others_early = 1; }},
        {"unlocked", [](WaitListWeaveHistory& h) { h.tasks[0].was_unlocked = true; }},
        {"after-error", [](WaitListWeaveHistory& h) { h.tasks[0].was_after_error = true; }},
        {"lost", [](WaitListWeaveHistory& h) { h.tasks[0].released = 0; }},
        {"lost", [](WaitListWeaveHistory& h) { h.tasks[0] = {}; }},
        {"lost", [](WaitListWeaveHistory& h) { h.end.completed = 0; }},
        {"stale", [](WaitListWeaveHistory& h) { h.stale = 1; }},
        {"wrong-error", [](WaitListWeaveHistory& h) { h.end.error = 103; }},
        {"wrong-error", [](WaitListWeaveHistory& h) { h.end.status = -103; }},
        {"wrong-error", [](WaitListWeaveHistory& h) { h.first_error = 103; }},
        {"not-clean", [](WaitListWeaveHistory& h) { h.end.is_busy = true; }},
        {"not-clean", [](WaitListWeaveHistory& h) { h.end.waiting = 1; }},
        {"not-clean", [](WaitListWeaveHistory& h) { h.end.has_messages = true; }},
    };
    for (const Corruption& corruption : corruptions) {
        WaitListWeaveHistory history = good_history();
        corruption.apply(history);
        EXPECT_EQ(verdict(one_task(), history), corruption.verdict);
    }
}

TEST(WaitListWeaveOracle, a_malformed_message_ends_the_run_with_its_error_and_nothing_follows) {
    const WaitListWeaveSchedule schedule = one_task_and_an_error();
    EXPECT_EQ(verdict(schedule, history_with(pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED)), "passes");
    EXPECT_EQ(verdict(schedule, good_history()), "wrong-error");
    EXPECT_EQ(verdict(schedule, history_with(pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID)),
              "wrong-error");
    EXPECT_EQ(verdict(schedule, history_with(pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW)), "wrong-error");
    WaitListWeaveHistory history = history_with(pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED);
    history.saw_another_error = true;
    EXPECT_EQ(verdict(schedule, history), "wrong-error");
    history = history_with(pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED);
    history.end.changed_after_error = true;
    EXPECT_EQ(verdict(schedule, history), "after-error");
}

TEST(WaitListWeaveSchedule, each_byte_string_is_a_scenario_that_can_be_described) {
    for (const Seed& seed : WaitListWeaveSchedule::seeds()) {
        const WaitListWeaveSchedule schedule = decoded(seed.bytes);
        size_t operations = 0;
        for (const auto& list : schedule.lists) {
            operations += list.size();
        }
        EXPECT_EQ(operations, WaitListWeaveSchedule::format.operation_count(seed.bytes));
        EXPECT_EQ(schedule.must_fail(),
                  seed.name.starts_with("malformed") || seed.name.starts_with("overfull"));
        EXPECT_NE(WaitListWeaveSchedule::describe(seed.bytes).find("FIN thread 1"),
                  std::string::npos);
    }
    for (size_t size = 0; size < 80; ++size) {
        EXPECT_FALSE(
            WaitListWeaveSchedule::describe(std::vector<uint8_t>(size, uint8_t{255})).empty());
    }
}

}  // namespace
}  // namespace fuzz::test
