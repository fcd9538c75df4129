#include <gtest/gtest.h>

#include <vector>

#include <run/choosers/hold_back.h>
#include <run/choosers/make.h>
#include <run/choosers/replay.h>

#include "turns.h"

namespace weave {
namespace {

TEST(ReplayTest, choices_are_repeated_and_followed_by_zeros) {
    const uint8_t choices[] = {1, 0, 2};
    ReplayChooser chooser(choices, std::size(choices));
    for (int execution = 0; execution < 3; ++execution) {
        ASSERT_TRUE(chooser.begin());
        EXPECT_EQ(chooser.choose_thread(turn_of(first_threads(3), 0)), 1u);
        EXPECT_EQ(chooser.choose(Alternative::store, 3), 0u);
        EXPECT_EQ(chooser.choose(Alternative::store, 3), 2u);
        EXPECT_EQ(chooser.choose(Alternative::store, 3), 0u);
    }
}

// A schedule of another build may ask for an alternative that does not exist.
TEST(ReplayTest, a_choice_that_is_not_below_the_count_becomes_0) {
    const uint8_t choices[] = {3, 1};
    ReplayChooser chooser(choices, std::size(choices));
    ASSERT_TRUE(chooser.begin());
    EXPECT_EQ(chooser.choose(Alternative::store, 3), 0u);
    EXPECT_EQ(chooser.choose(Alternative::store, 3), 1u);
}

TEST(HoldBackTest, after_the_step_a_thread_runs_only_when_no_other_can) {
    const uint8_t choices[] = {2, 1, 1, 1};
    constexpr uint64_t held_step = 2;
    constexpr unsigned held = 1;
    HoldBackChooser chooser(choices, std::size(choices), held_step, held, 0);
    ASSERT_TRUE(chooser.begin());
    EXPECT_EQ(chooser.choose_thread(turn_of(first_threads(3), 0, 1)), 2u);
    EXPECT_EQ(chooser.choose_thread(turn_of(first_threads(3), 0, 2)), 1u);
    for (uint64_t step = 3; step < 10; ++step) {
        const Turn with_others = turn_of(first_threads(3), held, step);
        EXPECT_NE(with_others.thread(chooser.choose_thread(with_others)), held);
        const Turn alone = turn_of(uint64_t{1} << held, 0, step);
        EXPECT_EQ(alone.thread(chooser.choose_thread(alone)), held);
        EXPECT_EQ(chooser.choose(Alternative::store, 2), 0u);
    }
}

}  // namespace
}  // namespace weave
