// WEAVE_CHECK: what a failed check prints, that it aborts wherever it is, and that checks of the
// runtime fail on planted violations.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include <model/order.h>
#include <run/check.h>
#include <run/choosers/replay.h>
#include <run/execution.h>
#include <run/search.h>

#include "turns.h"

namespace weave {
namespace {

const ::testing::KilledBySignal aborts(SIGABRT);

std::string message(int line, const std::string& expression, const std::string& values) {
    return "weave: internal error at check_test.cpp:" + std::to_string(line) + ": " + expression +
           "\nweave:   " + values + "\n";
}

// ----- what is printed ---------------------------------------------------------------------------

TEST(CheckTest, a_check_that_holds_does_nothing) {
    const int a = 2;
    WEAVE_CHECK(a == 2);
    WEAVE_CHECK(a == 2, a);
}

TEST(CheckTest, a_failure_prints_file_line_and_expression) {
    const int a = 3;
    const int line = __LINE__ + 1;
    const auto fail = [&] { WEAVE_CHECK(a == 2); };
    EXPECT_EXIT(fail(), aborts,
                "weave: internal error at check_test.cpp:" + std::to_string(line) + ": a == 2\n");
}

TEST(CheckTest, a_failure_prints_the_values_by_name) {
    const int a = 3;
    const unsigned b = 2;
    const int line = __LINE__ + 1;
    const auto fail = [&] { WEAVE_CHECK(a < static_cast<int>(b), a, b); };
    EXPECT_EXIT(fail(), aborts, message(line, "a < static_cast<int>\\(b\\)", "a = 3, b = 2"));
}

TEST(CheckTest, numbers_have_their_sign_and_all_their_digits) {
    const int8_t small = -128;
    const int64_t least = INT64_MIN;
    const uint64_t most = UINT64_MAX;
    const int line = __LINE__ + 1;
    const auto fail = [&] { WEAVE_CHECK(most == 0, small, least, most); };
    EXPECT_EXIT(fail(), aborts,
                message(line, "most == 0",
                        "small = -128, least = -9223372036854775808, most = 18446744073709551615"));
}

TEST(CheckTest, other_types_are_printed_too) {
    const bool flag = true;
    const Waiting waiting = Waiting::join;
    const char* const text = "some text";
    const void* const pointer = reinterpret_cast<const void*>(0xabc);
    const int line = __LINE__ + 1;
    const auto fail = [&] { WEAVE_CHECK(!flag, flag, waiting, text, pointer); };
    EXPECT_EXIT(
        fail(), aborts,
        message(line, "!flag", "flag = true, waiting = 4, text = \"some text\", pointer = 0xabc"));
}

int sum(int a, int b) { return a + b; }

TEST(CheckTest, a_value_may_be_an_expression_with_commas) {
    const int numbers[] = {5, 6};
    const int line = __LINE__ + 1;
    const auto fail = [&] { WEAVE_CHECK(sum(1, 2) == 4, sum(1, 2), numbers[sum(0, 1)]); };
    EXPECT_EXIT(
        fail(), aborts,
        message(line, "sum\\(1, 2\\) == 4", "sum\\(1, 2\\) = 3, numbers\\[sum\\(0, 1\\)\\] = 6"));
}

TEST(CheckTest, it_is_printed_while_the_output_of_the_program_is_hidden) {
    const auto fail_hidden = [] {
        set_message_stream(dup(STDERR_FILENO));
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        WEAVE_CHECK(STDERR_FILENO == 0);
    };
    EXPECT_EXIT(fail_hidden(), aborts, "internal error at check_test.cpp:.* STDERR_FILENO == 0");
}

// ----- on a fiber --------------------------------------------------------------------------------

/// Answers with the number of alternatives, which is one too many.
class WrongChooser final : public Chooser {
  public:
    void repeat() override {}
    bool begin() override { return true; }
    unsigned choose_thread(const Turn& turn) override { return turn.count(); }
    unsigned choose(Alternative, unsigned count) override { return count; }
};

/// Runs a body in an execution.
void execute(void (*body)(void*), Chooser& chooser) {
    the_execution().run(Settings(), chooser, /*is_traced=*/false, body, nullptr);
}

void execute(void (*body)(void*)) {
    ReplayChooser chooser(nullptr, 0);
    execute(body, chooser);
}

TEST(CheckTest, an_execution_with_a_failed_check_is_not_a_finding) {
    static constexpr int line = __LINE__ + 3;
    const auto body = [](void*) {
        const unsigned step = active->step();
        WEAVE_CHECK(step == 7, step);
    };
    EXPECT_EXIT(execute(body), aborts, message(line, "step == 7", "step = 0"));
}

TEST(CheckTest, explore_does_not_return_after_a_failed_check) {
    Options options;
    options.executions = 1;
    const auto explore_failing = [&] { explore(options, [] { WEAVE_CHECK(active == nullptr); }); };
    EXPECT_EXIT(explore_failing(), aborts, "check_test.cpp:.*: active == nullptr\n");
}

// ----- planted violations ------------------------------------------------------------------------

TEST(PlantedViolationTest, an_answer_that_is_not_below_the_count) {
    WrongChooser wrong;
    const auto body = [](void*) { active->choose(Alternative::waiter, 5); };
    EXPECT_EXIT(execute(body, wrong), aborts,
                "execution.cpp:[0-9]+: chosen < count\nweave:   chosen = 5, count = 5, kind = 3");
}

TEST(PlantedViolationTest, a_turn_for_a_thread_past_the_last) {
    const Turn turn = turn_of(first_threads(3), 1);
    EXPECT_EXIT(turn.thread(3), aborts,
                "chooser.h:[0-9]+: index < count..\nweave:   index = 3, enabled.first_word.. = 7");
    EXPECT_EXIT(turn.index_of(3), aborts,
                "chooser.h:[0-9]+: .*\nweave:   thread = 3, enabled.first_word.. = 7");
}

TEST(PlantedViolationTest, a_thread_is_woken_that_does_not_wait) {
    const auto body = [](void*) { active->wake(0); };
    EXPECT_EXIT(execute(body), aborts, "threads.cpp:[0-9]+: .*waiting.*\nweave:   id = 0");
}

TEST(PlantedViolationTest, a_thread_waits_for_nothing) {
    const auto body = [](void*) { active->wait(Waiting::nothing, nullptr, 0); };
    EXPECT_EXIT(execute(body), aborts, "threads.cpp:[0-9]+: what != Waiting::nothing");
}

TEST(PlantedViolationTest, an_execution_inside_an_execution) {
    const auto body = [](void*) { execute([](void*) {}); };
    EXPECT_EXIT(execute(body), aborts, "execution.cpp:[0-9]+: active == nullptr");
}

TEST(PlantedViolationTest, a_finding_that_is_none) {
    const auto body = [](void*) { active->fail(Facts{}); };
    EXPECT_EXIT(execute(body), aborts,
                "execution.cpp:[0-9]+: facts.verdict != Verdict::ok .*\nweave:   "
                "facts.verdict = 0, facts.access_count = 0");
}

TEST(PlantedViolationTest, the_newest_store_has_a_newer_one) {
    const auto body = [](void*) {
        Store stores[2] = {};
        stores[0].newer = &stores[1];
        Location location{};
        location.number = 9;
        location.newest = &stores[0];
        choose_store(*active, location, Touch{}, false, nullptr);
    };
    EXPECT_EXIT(execute(body), aborts,
                "order.h:[0-9]+: location.newest->newer == nullptr\nweave:   location.number = 9");
}

TEST(PlantedViolationTest, a_store_between_an_rmw_and_what_it_read) {
    const auto body = [](void*) {
        Store read{};
        Store rmw{};
        read.newer = &rmw;
        rmw.older = &read;
        rmw.is_rmw = true;
        Location location{};
        location.size = 8;
        location.newest = &rmw;
        const Value value;
        Touch touch{};
        add_store(*active, location, touch, read,
                  {value, nullptr, std::memory_order_relaxed, 0, false});
    };
    EXPECT_EXIT(execute(body), aborts, "order.h:[0-9]+: !is_taken.older.");
}

TEST(PlantedViolationTest, an_sc_operation_before_one_that_came_earlier) {
    const auto body = [](void*) {
        Store store{};
        store.sc_position = 100;
        mark_sc(*active, store);
    };
    EXPECT_EXIT(execute(body), aborts,
                "order.h:[0-9]+: .*\nweave:   store.sc_position = 100, position = 1");
}

TEST(PlantedViolationTest, a_block_is_freed_twice) {
    const auto body = [](void*) {
        Block* const block = active->heap.allocate(8, 16);
        active->heap.free(*block);
        active->heap.free(*block);
    };
    EXPECT_EXIT(execute(body), aborts,
                "heap.cpp:[0-9]+: !block.is_freed .*\nweave:   block.number = 1");
}

TEST(PlantedViolationTest, an_element_past_the_end_of_a_table) {
    Growing<int, 8> numbers;
    EXPECT_EXIT(numbers.pop(), aborts, "base.h:[0-9]+: size_ != 0");
    EXPECT_EXIT(numbers.back(), aborts, "base.h:[0-9]+: size_ != 0");
    numbers.push(1);
    EXPECT_EXIT(numbers[1], aborts, "base.h:[0-9]+: i < size_\nweave:   i = 1, size_ = 1");
    EXPECT_EXIT(numbers.shrink(2), aborts, "base.h:[0-9]+: size <= size_");
}

}  // namespace
}  // namespace weave
