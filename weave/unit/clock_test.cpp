#include <gtest/gtest.h>

#include <array>
#include <vector>

#include <model/clock.h>
#include <run/random.h>

namespace weave {
namespace {

constexpr size_t arena_bytes = size_t{1} << 20;
constexpr unsigned threads = 6;

/// Everything that a clock says, to compare.
using Words = std::array<uint32_t, 1 + 2 * threads_max>;

Words words_of(const Clock& clock) {
    Words words = {clock.last_fence()};
    for (unsigned thread = 0; thread < threads_max; ++thread) {
        words[1 + 2 * thread] = clock.happens_before(thread);
        words[2 + 2 * thread] = clock.coherence(thread);
    }
    return words;
}

Words words_of(const Snapshot& snapshot) {
    Words words{};
    std::copy_n(snapshot.words(), snapshot.length, words.begin());
    return words;
}

Words greatest(Words a, const Words& b) {
    for (size_t i = 0; i < a.size(); ++i) {
        a[i] = std::max(a[i], b[i]);
    }
    return a;
}

/// A clock that has ticked for some threads and passed a fence now and then.
Clock clock_at_random(uint64_t number) {
    Random random(1, number);
    Clock clock;
    for (unsigned i = random.below(12); i != 0; --i) {
        clock.tick(random.below(threads));
    }
    Clock fences;
    for (unsigned i = random.below(4); i != 0; --i) {
        fences.tick(random.below(threads));
    }
    if (random.below(2) == 0) {
        clock.pass_fence(fences, 1 + random.below(9));
    }
    return clock;
}

TEST(ClockTest, a_tick_changes_one_thread_only) {
    Clock clock;
    EXPECT_TRUE(clock.is_empty());
    clock.tick(5);
    clock.tick(5);
    clock.tick(63);
    EXPECT_FALSE(clock.is_empty());
    for (unsigned thread = 0; thread < threads_max; ++thread) {
        const Epoch expected = thread == 5 ? 2 : thread == 63 ? 1 : 0;
        EXPECT_EQ(clock.happens_before(thread), expected) << thread;
        EXPECT_EQ(clock.coherence(thread), expected) << thread;
    }
}

TEST(ClockTest, reset_forgets_everything) {
    Clock clock = clock_at_random(3);
    clock.tick(63);
    clock.reset();
    EXPECT_TRUE(clock.is_empty());
    EXPECT_EQ(words_of(clock), Words{});
}

TEST(ClockTest, a_join_knows_what_both_knew) {
    for (uint64_t i = 0; i < 200; ++i) {
        const Clock a = clock_at_random(2 * i);
        const Clock b = clock_at_random(2 * i + 1);
        Clock ab = a;
        ab.join(b);
        Clock ba = b;
        ba.join(a);
        ASSERT_EQ(words_of(ab), greatest(words_of(a), words_of(b)));
        ASSERT_EQ(words_of(ab), words_of(ba));
        Clock again = ab;
        again.join(a);
        again.join(again);
        ASSERT_EQ(words_of(again), words_of(ab));
    }
}

TEST(ClockTest, joins_may_be_grouped_in_any_way) {
    for (uint64_t i = 0; i < 100; ++i) {
        const Clock c = clock_at_random(3 * i + 2);
        Clock left = clock_at_random(3 * i);
        left.join(clock_at_random(3 * i + 1));
        left.join(c);
        Clock right = clock_at_random(3 * i + 1);
        right.join(c);
        right.join(clock_at_random(3 * i));
        ASSERT_EQ(words_of(left), words_of(right));
    }
}

TEST(ClockTest, a_snapshot_stays_as_it_was_and_joins_like_the_clock) {
    Arena arena(arena_bytes);
    for (uint64_t i = 0; i < 100; ++i) {
        Clock a = clock_at_random(2 * i);
        const Words before = words_of(a);
        const Snapshot* const snapshot = a.snapshot(arena);
        Clock with_snapshot = clock_at_random(2 * i + 1);
        Clock with_clock = with_snapshot;
        with_snapshot.join(*snapshot);
        with_clock.join(a);
        ASSERT_EQ(words_of(with_snapshot), words_of(with_clock));
        a.tick(0);
        ASSERT_EQ(words_of(*snapshot), before);
    }
}

TEST(ClockTest, a_merge_is_a_join_of_snapshots) {
    Arena arena(arena_bytes);
    for (uint64_t i = 0; i < 100; ++i) {
        const Snapshot* const a = clock_at_random(2 * i).snapshot(arena);
        const Snapshot* const b = clock_at_random(2 * i + 1).snapshot(arena);
        const Words expected = greatest(words_of(*a), words_of(*b));
        ASSERT_EQ(words_of(*merge(arena, a, b)), expected);
        ASSERT_EQ(words_of(*merge(arena, b, a)), expected);
    }
}

TEST(ClockTest, a_merge_with_nothing_is_the_other) {
    Arena arena(arena_bytes);
    const Snapshot* const a = clock_at_random(1).snapshot(arena);
    EXPECT_EQ(merge(arena, a, nullptr), a);
    EXPECT_EQ(merge(arena, nullptr, a), a);
    EXPECT_EQ(merge(arena, nullptr, nullptr), nullptr);
}

// SC fences decide which stores are hidden, never what is a race.
TEST(ClockTest, a_fence_learns_coherence_and_nothing_of_happens_before) {
    for (uint64_t i = 0; i < 100; ++i) {
        const Clock before = clock_at_random(2 * i);
        Clock clock = before;
        const Clock fences_before = clock_at_random(2 * i + 1);
        Clock fences = fences_before;
        clock.pass_fence(fences, 77);
        EXPECT_EQ(clock.last_fence(), 77u);
        for (unsigned thread = 0; thread < threads_max; ++thread) {
            const Epoch known = std::max(before.coherence(thread), fences_before.coherence(thread));
            ASSERT_EQ(clock.happens_before(thread), before.happens_before(thread));
            ASSERT_EQ(clock.coherence(thread), known);
            ASSERT_EQ(fences.coherence(thread), known);
            ASSERT_EQ(fences.happens_before(thread), fences_before.happens_before(thread));
        }
    }
}

TEST(ClockTest, coherence_is_never_less_than_happens_before) {
    for (uint64_t i = 0; i < 200; ++i) {
        Clock clock = clock_at_random(2 * i);
        clock.join(clock_at_random(2 * i + 1));
        clock.tick(static_cast<unsigned>(i % threads));
        for (unsigned thread = 0; thread < threads_max; ++thread) {
            ASSERT_GE(clock.coherence(thread), clock.happens_before(thread));
        }
    }
}

TEST(ClockTest, a_later_fence_knows_what_an_earlier_one_knew) {
    Clock first;
    first.tick(1);
    Clock second;
    second.tick(4);
    Clock fences;
    first.pass_fence(fences, 1);
    second.pass_fence(fences, 2);
    EXPECT_EQ(second.coherence(1), 1u);
    EXPECT_EQ(first.coherence(4), 0u);
}

}  // namespace
}  // namespace weave
