#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

constexpr int executions = 10'000;
constexpr size_t loads = 10;
constexpr unsigned stores = 5;

std::unique_ptr<Chooser> pctwm_chooser(uint32_t depth) {
    Options options;
    options.mode = Mode::pctwm;
    options.depth = depth;
    return make_chooser(options);
}

/// The store that each of the loads returns in an execution with one thread.
std::vector<unsigned> stores_of_loads(Chooser& chooser) {
    std::vector<unsigned> chosen;
    EXPECT_TRUE(chooser.begin());
    for (size_t i = 0; i < loads; ++i) {
        chosen.push_back(chooser.choose(Alternative::store, stores));
    }
    chooser.end(loads);
    return chosen;
}

TEST(PctwmTest, one_load_at_any_place_is_new_and_the_others_are_old) {
    const auto chooser = pctwm_chooser(1);
    stores_of_loads(*chooser);
    std::vector<int> new_at(loads);
    std::map<unsigned, int> seen;
    for (int i = 0; i < executions; ++i) {
        const std::vector<unsigned> chosen = stores_of_loads(*chooser);
        ASSERT_EQ(std::count(chosen.begin(), chosen.end(), stores - 1), loads - 1);
        const auto is_new = [](unsigned store) { return store != stores - 1; };
        const auto drawn = std::find_if(chosen.begin(), chosen.end(), is_new);
        ++new_at[static_cast<size_t>(drawn - chosen.begin())];
        ++seen[*drawn];
    }
    for (const int times : new_at) {
        EXPECT_NEAR(times, executions / loads, 150);
    }
    // One of the three newest.
    EXPECT_EQ(seen.size(), 3u);
    for (unsigned store = 0; store < 3; ++store) {
        EXPECT_NEAR(seen[store], executions / 3, 240) << store;
    }
}

TEST(PctwmTest, depth_bounds_the_loads_that_are_new) {
    for (uint32_t depth = 1; depth <= 4; ++depth) {
        const auto chooser = pctwm_chooser(depth);
        std::ptrdiff_t most = 0;
        for (int i = 0; i < 1'000; ++i) {
            const std::vector<unsigned> chosen = stores_of_loads(*chooser);
            most = std::max(most, static_cast<std::ptrdiff_t>(loads) -
                                      std::count(chosen.begin(), chosen.end(), stores - 1));
        }
        EXPECT_EQ(most, depth);
    }
}

TEST(PctwmTest, a_loop_of_loads_sees_the_newest_store_in_the_end) {
    const auto chooser = pctwm_chooser(1);
    ASSERT_TRUE(chooser->begin());
    int newest = 0;
    for (int i = 0; i < 1'000; ++i) {
        newest += chooser->choose(Alternative::store, stores) == 0 ? 1 : 0;
    }
    EXPECT_GE(newest, 10);
}

TEST(PctwmTest, an_rmw_reads_the_newest_store_unless_it_is_drawn) {
    const auto chooser = pctwm_chooser(1);
    std::vector<Operation> pending(threads_max);
    pending[0] = pending[1] = {0x1000, 0, OperationKind::rmw};
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(chooser->begin());
        int older = 0;
        for (uint64_t step = 1; step <= loads; ++step) {
            chooser->choose_thread(turn_of(0b11, 0, step, pending.data()));
            older += chooser->choose(Alternative::store, stores) == 0 ? 0 : 1;
        }
        ASSERT_LE(older, 1);
        chooser->end(loads);
    }
}

// The thread of a drawn load waits for all others: the load can return what they have stored.
TEST(PctwmTest, a_load_that_is_new_comes_after_the_other_thread) {
    const auto chooser = pctwm_chooser(1);
    std::vector<Operation> pending(threads_max);
    pending[1] = {0x1000, 0, OperationKind::load};
    pending[2] = {0x2000, 0, OperationKind::store};
    int drawn = 0;
    for (int i = 0; i < 1'000; ++i) {
        ASSERT_TRUE(chooser->begin());
        unsigned left = 5;
        while (left != 0) {
            const Turn turn = turn_of(0b110, 0, 6 - left, pending.data());
            if (turn.thread(chooser->choose_thread(turn)) == 1) {
                break;
            }
            --left;
        }
        if (left == 0) {
            chooser->choose_thread(turn_of(0b1010, 0, 6, pending.data()));
        }
        if (chooser->choose(Alternative::store, 2) == 0) {
            ++drawn;
            ASSERT_EQ(left, 0u);
        }
        chooser->end(6);
    }
    EXPECT_GT(drawn, 50);
}

}  // namespace
}  // namespace weave
