// Tests the order of moments: that of the clocks, or that of drawing.
#include <gtest/gtest.h>

#include <algorithm>

#include "fuzz/kit/told_clocks.h"

uint32_t fuzz::read_moment_clock(uint32_t* known) noexcept {
    const test::ToldClocks::Drawing& drawing = test::ToldClocks::drawing();
    std::copy(drawing.clock.begin(), drawing.clock.end(), known);
    return drawing.thread;
}

void fuzz::mark_point(uint64_t, bool) noexcept {}

namespace fuzz::test {
namespace {

TEST(Moments, of_one_thread_are_ordered) {
    ToldClocks clocks;
    const uint64_t first = clocks.draw(0);
    const uint64_t second = clocks.draw(0);
    EXPECT_TRUE(comes_before(first, second));
    EXPECT_FALSE(comes_before(second, first));
    EXPECT_FALSE(comes_before(first, first));
}

TEST(Moments, of_two_threads_are_ordered_by_what_one_has_learnt) {
    ToldClocks clocks;
    const uint64_t told = clocks.draw(0);
    clocks.learn(1, 0);
    const uint64_t untold = clocks.draw(0);
    const uint64_t after = clocks.draw(1);
    EXPECT_TRUE(comes_before(told, after));
    EXPECT_FALSE(comes_before(untold, after));
    EXPECT_FALSE(comes_before(after, told));
}

TEST(Moments, are_ordered_through_a_third_thread) {
    ToldClocks clocks;
    const uint64_t first = clocks.draw(0);
    clocks.learn(1, 0);
    clocks.draw(1);
    clocks.learn(2, 1);
    EXPECT_TRUE(comes_before(first, clocks.draw(2)));
}

TEST(Moments, are_in_the_order_of_drawing_where_there_is_one) {
    ToldClocks clocks;
    restart_moments(/*is_strict=*/true);
    const uint64_t first = clocks.draw(0);
    const uint64_t second = clocks.draw(1);
    EXPECT_TRUE(comes_before(first, second));
    EXPECT_FALSE(comes_before(second, first));
}

}  // namespace
}  // namespace fuzz::test
