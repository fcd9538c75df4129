#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

// The length of executions that the chooser assumes before it has seen one.
constexpr uint64_t steps_at_first = 64;
// After this many turns in a row a thread gives way.
constexpr int turns_in_a_row_max = 512;

std::unique_ptr<Chooser> pct_chooser(uint32_t depth, uint64_t seed = 1) {
    Options options;
    options.mode = Mode::pct;
    options.depth = depth;
    options.seed = seed;
    return make_chooser(options);
}

unsigned next_thread(Chooser& chooser, const Turn& turn) {
    const unsigned index = chooser.choose_thread(turn);
    EXPECT_LT(index, turn.count());
    return turn.thread(index);
}

/// Which thread runs at each step of an execution in which all of them always can.
std::vector<unsigned> execution_of(Chooser& chooser, unsigned threads, uint64_t steps) {
    std::vector<unsigned> ran;
    EXPECT_TRUE(chooser.begin());
    unsigned current = 0;
    for (uint64_t step = 1; step <= steps; ++step) {
        current = next_thread(chooser, turn_of(first_threads(threads), current, step));
        ran.push_back(current);
    }
    chooser.end(steps);
    return ran;
}

size_t switches_in(const std::vector<unsigned>& ran) {
    size_t switches = 0;
    for (size_t i = 1; i < ran.size(); ++i) {
        switches += ran[i] != ran[i - 1] ? 1 : 0;
    }
    return switches;
}

TEST(PctTest, without_a_change_one_thread_runs_as_long_as_it_can) {
    const auto chooser = pct_chooser(1);
    std::map<unsigned, int> chosen;
    for (int execution = 0; execution < 3'000; ++execution) {
        const std::vector<unsigned> ran = execution_of(*chooser, 3, steps_at_first);
        ASSERT_EQ(switches_in(ran), 0u);
        ++chosen[ran.front()];
    }
    // Whose turn it is does not depend on who was first: a thousand each, give or take.
    for (unsigned thread = 0; thread < 3; ++thread) {
        EXPECT_NEAR(chosen[thread], 1'000, 130) << thread;
    }
}

TEST(PctTest, priorities_are_an_order_of_the_threads) {
    const auto chooser = pct_chooser(1);
    for (int execution = 0; execution < 200; ++execution) {
        ASSERT_TRUE(chooser->begin());
        uint64_t enabled = first_threads(6);
        std::vector<unsigned> order;
        while (std::popcount(enabled) > 1) {
            order.push_back(next_thread(*chooser, turn_of(enabled, 0)));
            enabled &= ~(uint64_t{1} << order.back());
        }
        // The one of any two that came first in the order runs.
        for (size_t a = 0; a < order.size(); ++a) {
            for (size_t b = a + 1; b < order.size(); ++b) {
                const uint64_t both = uint64_t{1} << order[a] | uint64_t{1} << order[b];
                ASSERT_EQ(next_thread(*chooser, turn_of(both, order[b])), order[a]);
            }
        }
    }
}

TEST(PctTest, a_change_point_is_a_switch_at_any_step) {
    const auto chooser = pct_chooser(2);
    std::set<size_t> switched_at;
    for (int execution = 0; execution < 2'000; ++execution) {
        // The thread that runs at the first step is not the one that a change there would lower:
        // step 0 shows which one that is.
        ASSERT_TRUE(chooser->begin());
        unsigned current = next_thread(*chooser, turn_of(first_threads(3), 0, 0));
        std::vector<unsigned> ran = {current};
        for (uint64_t step = 1; step <= steps_at_first; ++step) {
            current = next_thread(*chooser, turn_of(first_threads(3), current, step));
            ran.push_back(current);
        }
        chooser->end(steps_at_first);
        ASSERT_EQ(switches_in(ran), 1u);
        for (size_t i = 1; i < ran.size(); ++i) {
            if (ran[i] != ran[i - 1]) {
                switched_at.insert(i);
            }
        }
    }
    EXPECT_EQ(switched_at.size(), steps_at_first);
}

TEST(PctTest, depth_bounds_the_switches) {
    for (uint32_t depth = 1; depth <= 5; ++depth) {
        const auto chooser = pct_chooser(depth);
        size_t most = 0;
        for (int execution = 0; execution < 500; ++execution) {
            most = std::max(most, switches_in(execution_of(*chooser, 8, steps_at_first)));
        }
        EXPECT_EQ(most, depth - 1);
    }
}

TEST(PctTest, a_depth_of_0_or_past_all_bounds_is_accepted) {
    EXPECT_EQ(switches_in(execution_of(*pct_chooser(0), 4, steps_at_first)), 0u);
    EXPECT_LE(switches_in(execution_of(*pct_chooser(1'000'000), 4, steps_at_first)), 32u);
}

TEST(PctTest, the_length_of_executions_is_learned) {
    const auto chooser = pct_chooser(2);
    execution_of(*chooser, 3, 400);
    bool has_changed_late = false;
    for (int execution = 0; execution < 100; ++execution) {
        const std::vector<unsigned> ran = execution_of(*chooser, 3, 400);
        has_changed_late |= ran[200] != ran.back();
    }
    EXPECT_TRUE(has_changed_late);
}

TEST(PctTest, a_thread_that_yields_gives_way_to_all_others) {
    const auto chooser = pct_chooser(1);
    Operation pending[threads_max] = {};
    for (int execution = 0; execution < 100; ++execution) {
        ASSERT_TRUE(chooser->begin());
        const uint64_t all = first_threads(3);
        const unsigned first = next_thread(*chooser, turn_of(all, 0));
        pending[first].kind = OperationKind::yield;
        const unsigned second = next_thread(*chooser, turn_of(all, first, 1, pending));
        pending[first].kind = OperationKind::load;
        ASSERT_NE(second, first);
        ASSERT_EQ(next_thread(*chooser, turn_of(all, second, 2, pending)), second);
        // It keeps the lowest priority.
        const uint64_t others = all & ~(uint64_t{1} << second);
        ASSERT_NE(next_thread(*chooser, turn_of(others, second, 3, pending)), first);
    }
}

TEST(PctTest, a_thread_that_cannot_continue_has_not_given_way) {
    const auto chooser = pct_chooser(1);
    Operation pending[threads_max] = {};
    ASSERT_TRUE(chooser->begin());
    const uint64_t all = first_threads(2);
    const unsigned first = next_thread(*chooser, turn_of(all, 0));
    pending[first].kind = OperationKind::yield;
    const uint64_t other = all & ~(uint64_t{1} << first);
    ASSERT_NE(next_thread(*chooser, turn_of(other | 0b100, first, 1, pending)), first);
    pending[first].kind = OperationKind::load;
    EXPECT_EQ(next_thread(*chooser, turn_of(all, 1 - first, 2, pending)), first);
}

TEST(PctTest, a_thread_that_polls_without_a_yield_gives_way_in_the_end) {
    const auto chooser = pct_chooser(1);
    const std::vector<unsigned> ran = execution_of(*chooser, 2, 2 * turns_in_a_row_max);
    EXPECT_GE(switches_in(ran), 1u);
}

// Half of the choices take the newest store, and the others are uniform.
TEST(PctTest, most_loads_return_the_newest_store) {
    const auto chooser = pct_chooser(3);
    ASSERT_TRUE(chooser->begin());
    constexpr int draws = 10'000;
    std::map<unsigned, int> chosen;
    for (int i = 0; i < draws; ++i) {
        ++chosen[chooser->choose(Alternative::store, 4)];
    }
    EXPECT_NEAR(chosen[0], draws * 5 / 8, 300);
    for (unsigned store = 1; store < 4; ++store) {
        EXPECT_NEAR(chosen[store], draws / 8, 200) << store;
    }
}

TEST(PctTest, an_execution_follows_from_the_seed_and_those_before_it) {
    const auto a = pct_chooser(4, 9);
    const auto b = pct_chooser(4, 9);
    std::set<std::vector<unsigned>> seen;
    for (int execution = 0; execution < 50; ++execution) {
        const std::vector<unsigned> ran = execution_of(*a, 8, steps_at_first);
        ASSERT_EQ(ran, execution_of(*b, 8, steps_at_first));
        seen.insert(ran);
    }
    EXPECT_GT(seen.size(), 45u);
}

}  // namespace
}  // namespace weave
