// PTO_ASSERT, on in this file in every build: what a failure prints, and that it ends the
// program.
#undef PTO_ASSERTIONS
#define PTO_ASSERTIONS 1

#include <array>
#include <csignal>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "src/runtime/pto_assert.h"

namespace mailproof::test {
namespace {

enum class Colour : uint8_t { RED, GREEN };

constexpr int positive(int number) {
    PTO_ASSERT(number > 0, number);
    return number;
}
static_assert(positive(1) == 1, "an assertion that holds is a constant expression");

TEST(PtoAssertTest, what_holds_passes_and_is_evaluated_once) {
    int calls = 0;
    PTO_ASSERT(++calls == 1, calls);
    PTO_ASSERT(calls == 1);
    EXPECT_EQ(calls, 1);
}

TEST(PtoAssertDeathTest, a_failure_names_file_line_and_expression) {
    const std::string line = std::to_string(__LINE__ + 1);
    EXPECT_DEATH(PTO_ASSERT(1 + 1 == 3),
                 "pto_assert_test.cpp:" + line + ": assertion failed: 1 \\+ 1 == 3\n");
}

TEST(PtoAssertDeathTest, a_failure_names_the_values) {
    const int a = 3;
    const unsigned b = 2;
    EXPECT_DEATH(PTO_ASSERT(a == 4 && b == 2, a, b), "; a = 3, b = 2\n");
}

TEST(PtoAssertDeathTest, values_are_numbers_enumerators_and_addresses) {
    const int64_t smallest = std::numeric_limits<int64_t>::min();
    const uint64_t largest = std::numeric_limits<uint64_t>::max();
    const Colour colour = Colour::GREEN;
    const bool flag = true;
    const int* const null = nullptr;
    EXPECT_DEATH(PTO_ASSERT(false, smallest, largest, colour, flag, null),
                 "; smallest = -9223372036854775808, largest = 18446744073709551615, colour = 1, "
                 "flag = 1, null = 0x0\n");
}

TEST(PtoAssertDeathTest, a_value_may_be_an_expression_with_commas) {
    const auto sum = [](int x, int y) { return x + y; };
    const std::array<int, 2> pair = {7, 8};
    EXPECT_DEATH(PTO_ASSERT(false, sum(1, 2), pair[1]), "; sum\\(1, 2\\) = 3, pair\\[1\\] = 8\n");
}

TEST(PtoAssertDeathTest, a_line_that_is_too_long_is_cut) {
    const std::string expression(2000, 'x');
    EXPECT_DEATH(pto::assertion_failed("file", 1, expression.c_str(), "a, b", {1, 2}),
                 "file:1: assertion failed: x{900}");
}

TEST(PtoAssertDeathTest, it_ends_by_abort) {
    EXPECT_EXIT(PTO_ASSERT(false), ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace mailproof::test
