#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

constexpr unsigned threads = 4;
constexpr int steps = 200;

std::unique_ptr<Chooser> starve_chooser() {
    Options options;
    options.mode = Mode::starve;
    return make_chooser(options);
}

/// The longest time that each thread had to wait in one execution in which all always could run.
std::vector<int> longest_waits(Chooser& chooser) {
    std::vector<int> longest(threads);
    std::vector<int> waited(threads);
    EXPECT_TRUE(chooser.begin());
    unsigned current = 0;
    for (int step = 1; step <= steps; ++step) {
        const Turn turn = turn_of(first_threads(threads), current, static_cast<uint64_t>(step));
        current = turn.thread(chooser.choose_thread(turn));
        for (unsigned thread = 0; thread < threads; ++thread) {
            waited[thread] = thread == current ? 0 : waited[thread] + 1;
            longest[thread] = std::max(longest[thread], waited[thread]);
        }
    }
    chooser.end(steps);
    return longest;
}

TEST(StarveTest, one_thread_at_most_is_held_back_and_each_is_in_turn) {
    // A thread that is not held back waits so long once in 40,000 times.
    constexpr int long_wait = 80;
    const auto chooser = starve_chooser();
    longest_waits(*chooser);
    std::set<unsigned> victims;
    int starved = 0;
    for (int execution = 0; execution < 1'000; ++execution) {
        const std::vector<int> longest = longest_waits(*chooser);
        const auto held_back = [](int waited) { return waited >= long_wait; };
        ASSERT_LE(std::count_if(longest.begin(), longest.end(), held_back), 1);
        const auto victim = std::find_if(longest.begin(), longest.end(), held_back);
        if (victim != longest.end()) {
            ++starved;
            victims.insert(static_cast<unsigned>(victim - longest.begin()));
        }
    }
    EXPECT_EQ(victims.size(), threads);
    EXPECT_GT(starved, 300);
}

TEST(StarveTest, a_thread_that_alone_can_run_runs) {
    const auto chooser = starve_chooser();
    for (int execution = 0; execution < 100; ++execution) {
        ASSERT_TRUE(chooser->begin());
        for (uint64_t step = 0; step < 100; ++step) {
            const unsigned thread = static_cast<unsigned>(step % threads);
            ASSERT_EQ(chooser->choose_thread(turn_of(uint64_t{1} << thread, 0, step)), 0u);
            const Turn pair = turn_of(0b11u << thread, 0, step);
            ASSERT_LT(chooser->choose_thread(pair), pair.count());
        }
        chooser->end(100);
    }
}

}  // namespace
}  // namespace weave
