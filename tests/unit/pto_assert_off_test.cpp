// PTO_ASSERT, off in this file in every build: nothing is evaluated.
#undef PTO_ASSERTIONS
#define PTO_ASSERTIONS 0

#include <gtest/gtest.h>

#include "src/runtime/pto_assert.h"

namespace mailproof::test {
namespace {

constexpr int any(int number) {
    PTO_ASSERT(number > 0, number);
    return number;
}
static_assert(any(-1) == -1);

TEST(PtoAssertOffTest, evaluates_neither_the_expression_nor_the_values) {
    int calls = 0;
    const auto count = [&calls] {
        ++calls;
        return false;
    };
    PTO_ASSERT(count(), count());
    PTO_ASSERT(false);
    EXPECT_EQ(calls, 0);
}

TEST(PtoAssertOffTest, what_only_an_assertion_names_counts_as_used) {
    // With -Werror this compiles or does not.
    const int only_in_the_expression = 1;
    const int only_among_the_values = 2;
    PTO_ASSERT(only_in_the_expression == 0, only_among_the_values);
}

}  // namespace
}  // namespace mailproof::test
