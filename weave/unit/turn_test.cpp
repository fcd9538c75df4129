#include <gtest/gtest.h>

#include <run/random.h>

#include "turns.h"

namespace weave {
namespace {

TEST(TurnTest, the_current_thread_comes_first_and_the_others_go_around) {
    const Turn turn = turn_of(0b1011'0100, 4);
    EXPECT_EQ(turn.count(), 4u);
    EXPECT_TRUE(turn.current_is_enabled());
    EXPECT_EQ(turn.thread(0), 4u);
    EXPECT_EQ(turn.thread(1), 5u);
    EXPECT_EQ(turn.thread(2), 7u);
    EXPECT_EQ(turn.thread(3), 2u);
}

TEST(TurnTest, without_the_current_thread_the_next_one_above_comes_first) {
    const Turn turn = turn_of(0b1001, 1);
    EXPECT_FALSE(turn.current_is_enabled());
    EXPECT_EQ(turn.thread(0), 3u);
    EXPECT_EQ(turn.thread(1), 0u);
}

TEST(TurnTest, all_threads_can_be_enabled) {
    const Turn turn = turn_of(~uint64_t{0}, 63);
    EXPECT_EQ(turn.count(), 64u);
    EXPECT_EQ(turn.thread(0), 63u);
    EXPECT_EQ(turn.thread(1), 0u);
    EXPECT_EQ(turn.thread(63), 62u);
    EXPECT_EQ(turn.index_of(62), 63u);
}

TEST(TurnTest, thread_and_index_of_are_inverse) {
    Random random(1, 0);
    for (int round = 0; round < 2'000; ++round) {
        // Sparse and dense ones.
        const uint64_t enabled = random.next() & (round % 2 == 0 ? random.next() : ~uint64_t{0});
        const Turn turn = turn_of(enabled, random.below(64));
        uint64_t seen = 0;
        for (unsigned i = 0; i < turn.count(); ++i) {
            const unsigned thread = turn.thread(i);
            ASSERT_EQ(turn.index_of(thread), i);
            seen |= uint64_t{1} << thread;
        }
        ASSERT_EQ(seen, enabled);
    }
}

/// Sets have all of their words while it lives.
class ManyThreads {
  public:
    ManyThreads() { thread_words = thread_words_max; }
    ManyThreads(const ManyThreads&) = delete;
    ManyThreads& operator=(const ManyThreads&) = delete;
    ~ManyThreads() { thread_words = 1; }
};

TEST(ThreadSetTest, threads_of_all_words_are_found_in_their_order) {
    const ManyThreads many;
    ThreadSet set;
    EXPECT_TRUE(set.is_empty());
    EXPECT_EQ(set.first(), threads_max);
    EXPECT_EQ(set.bound(), 0u);
    for (const unsigned thread : {1023u, 63u, 64u, 500u}) {
        set.add(thread);
        EXPECT_TRUE(set.contains(thread));
    }
    EXPECT_EQ(set.count(), 4u);
    EXPECT_EQ(set.first(), 63u);
    EXPECT_EQ(set.next(64), 64u);
    EXPECT_EQ(set.next(65), 500u);
    EXPECT_EQ(set.next(1023), 1023u);
    EXPECT_EQ(set.next(1024), threads_max);
    EXPECT_EQ(set.bound(), 1024u);
    EXPECT_TRUE((set & thread_bit(500)).is_only(500));
    EXPECT_EQ((~set).count(), threads_max - 4);
    set.remove(1023);
    EXPECT_EQ(set.bound(), 501u);
    EXPECT_TRUE((set & ~set).is_empty());
}

TEST(TurnTest, of_very_many_threads_255_are_alternatives) {
    const ManyThreads many;
    const Turn turn = turn_of(~ThreadSet(), 1000);
    EXPECT_EQ(turn.count(), 255u);
    EXPECT_EQ(turn.thread(0), 1000u);
    EXPECT_EQ(turn.thread(24), 0u);
    EXPECT_EQ(turn.thread(254), 230u);
    EXPECT_EQ(turn.index_of(230), 254u);
}

}  // namespace
}  // namespace weave
