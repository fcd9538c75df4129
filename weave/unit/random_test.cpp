#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include <run/choosers/make.h>
#include <run/random.h>

#include "turns.h"

namespace weave {
namespace {

// The output of the published generator for a seed of 0, expanded by SplitMix64.
TEST(RandomTest, it_is_xoshiro256_starstar) {
    Random random(0, 0);
    EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4u);
    EXPECT_EQ(random.next(), 0xbf6e1f784956452au);
}

TEST(RandomTest, a_seed_and_a_stream_name_a_sequence) {
    Random a(7, 3);
    Random b(7, 3);
    std::set<uint64_t> firsts;
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(a.next(), b.next());
        firsts.insert(Random(7, static_cast<uint64_t>(i)).next());
        firsts.insert(Random(static_cast<uint64_t>(1'000 + i), 0).next());
    }
    EXPECT_EQ(firsts.size(), 200u);
}

TEST(RandomTest, below_is_uniform) {
    constexpr unsigned draws = 100'000;
    for (unsigned count = 1; count <= 17; ++count) {
        Random random(count, 0);
        std::vector<unsigned> seen(count);
        for (unsigned i = 0; i < draws; ++i) {
            const unsigned drawn = random.below(count);
            ASSERT_LT(drawn, count);
            ++seen[drawn];
        }
        // Five standard deviations of the rarest outcome are below 7 % of it.
        const double expected = double{draws} / count;
        EXPECT_GT(*std::min_element(seen.begin(), seen.end()), 0.93 * expected) << count;
        EXPECT_LT(*std::max_element(seen.begin(), seen.end()), 1.07 * expected) << count;
    }
}

/// The first choices of the chooser's next execution.
std::vector<unsigned> execution_of(Chooser& chooser, int choices) {
    std::vector<unsigned> chosen;
    EXPECT_TRUE(chooser.begin());
    for (int i = 0; i < choices; ++i) {
        chosen.push_back(chooser.choose_thread(turn_of(first_threads(5), 2)));
        chosen.push_back(chooser.choose(Alternative::store, 7));
    }
    chooser.end(static_cast<uint64_t>(choices));
    return chosen;
}

std::unique_ptr<Chooser> random_chooser(uint64_t seed) {
    Options options;
    options.mode = Mode::random;
    options.seed = seed;
    return make_chooser(options);
}

TEST(RandomChooserTest, an_execution_follows_from_the_seed_and_its_number) {
    const auto a = random_chooser(5);
    const auto b = random_chooser(5);
    for (int execution = 0; execution < 20; ++execution) {
        // Not from what the executions before it have drawn.
        const std::vector<unsigned> longer = execution_of(*a, 30);
        const std::vector<unsigned> shorter = execution_of(*b, 10);
        ASSERT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
    }
}

TEST(RandomChooserTest, executions_and_seeds_differ) {
    std::set<std::vector<unsigned>> seen;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        const auto chooser = random_chooser(seed);
        for (int execution = 0; execution < 10; ++execution) {
            seen.insert(execution_of(*chooser, 20));
        }
    }
    EXPECT_EQ(seen.size(), 100u);
}

TEST(RandomChooserTest, every_answer_occurs_and_none_is_too_large) {
    const auto chooser = random_chooser(1);
    std::set<unsigned> threads;
    std::set<unsigned> stores;
    const std::vector<unsigned> chosen = execution_of(*chooser, 1'000);
    for (size_t i = 0; i < chosen.size(); i += 2) {
        threads.insert(chosen[i]);
        stores.insert(chosen[i + 1]);
    }
    EXPECT_EQ(threads, (std::set<unsigned>{0, 1, 2, 3, 4}));
    EXPECT_EQ(stores, (std::set<unsigned>{0, 1, 2, 3, 4, 5, 6}));
    EXPECT_FALSE(chooser->is_complete());
}

}  // namespace
}  // namespace weave
