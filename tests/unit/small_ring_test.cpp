// Rings of 1, 2 and 4 slots, where every push meets a full ring and every slot is reused at once:
// single-threaded edge cases, and threads that fight over the slots.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <vector>

#include "tests/unit/rings.h"

namespace mailproof::test {

struct OneSlot : std::integral_constant<uint32_t, 1> {};
struct TwoSlots : std::integral_constant<uint32_t, 2> {};
struct FourSlots : std::integral_constant<uint32_t, 4> {};

namespace {

template <class Slots>
class SmallRingTest : public ::testing::Test {
  protected:
    using Ring = pto::AICoreCompletionMailbox<Slots::value>;
    static constexpr uint64_t slots = Slots::value;

    const std::unique_ptr<Ring> owned_ring = make_ring<Slots::value>();
    Ring& ring = *owned_ring;
};

using Sizes = ::testing::Types<OneSlot, TwoSlots, FourSlots>;
TYPED_TEST_SUITE(SmallRingTest, Sizes, ::testing::internal::DefaultNameGenerator);

TYPED_TEST(SmallRingTest, fills_refuses_and_empties_from_every_starting_ticket) {
    for (const uint64_t start : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{3}, ~uint64_t{0},
                                 ~uint64_t{0} - 1, ~uint64_t{0} - 2, uint64_t{1} << 63}) {
        this->ring.reset(start);
        for (uint64_t round = 0; round < 3; ++round) {
            for (uint64_t i = 0; i < this->slots; ++i) {
                ASSERT_TRUE(push_numbered(this->ring, i));
            }
            ASSERT_FALSE(push_numbered(this->ring, 9));
            ASSERT_FALSE(this->ring.try_push_normal_done(9, 9));
            for (uint64_t i = 0; i < this->slots; ++i) {
                const auto message = pop(this->ring);
                ASSERT_TRUE(message);
                ASSERT_TRUE(carries(*message, i));
            }
            ASSERT_FALSE(pop(this->ring));
            ASSERT_FALSE(this->ring.has_pending());
        }
    }
}

TYPED_TEST(SmallRingTest, a_bulk_push_is_cut_to_the_ring) {
    const auto entries = numbered_entries(0, 9);
    EXPECT_EQ(this->ring.try_push_conditions(1, entries.data(), 9), this->slots);
    EXPECT_EQ(this->ring.try_push_conditions(1, entries.data(), 9), 0u);
    EXPECT_EQ(pop_all(this->ring).size(), this->slots);
}

TYPED_TEST(SmallRingTest, a_batch_pop_takes_no_more_than_the_ring_holds) {
    for (uint64_t i = 0; i < this->slots; ++i) {
        ASSERT_TRUE(push_numbered(this->ring, i));
    }
    std::array<pto::AICoreCompletionMsgView, 9> out{};
    EXPECT_EQ(this->ring.try_pop_batch(out.data(), 9), this->slots);
}

TYPED_TEST(SmallRingTest, a_restart_drops_what_is_left) {
    for (uint64_t round = 0; round < 5; ++round) {
        ASSERT_TRUE(push_numbered(this->ring, round));
        this->ring.restart();
        ASSERT_FALSE(this->ring.has_pending());
        ASSERT_FALSE(pop(this->ring));
    }
}

// A restart leaves the producers' cached tail as it was. Tickets that run ahead of it by more than
// the ring must not be taken for a full one.
TYPED_TEST(SmallRingTest, restarts_do_not_wear_out_the_cached_tail) {
    for (uint64_t round = 0; round < 20; ++round) {
        for (uint64_t i = 0; i < this->slots; ++i) {
            ASSERT_TRUE(push_numbered(this->ring, i));
        }
        ASSERT_FALSE(push_numbered(this->ring, 9));
        this->ring.restart();
    }
}

/// Pushes `pushes` numbered messages, one at a time or in bulk, and tries a refused push again
/// until told to stop, which a test that has failed does.
template <class Ring>
void push_stubbornly(const std::stop_token& stop, Ring& ring, uint64_t producer, uint64_t pushes,
                     bool in_bulk) {
    for (uint64_t i = 0; i < pushes && !stop.stop_requested();) {
        const uint64_t number = producer << 32 | i;
        uint64_t stored = 0;
        if (in_bulk) {
            const uint32_t wanted = static_cast<uint32_t>(std::min<uint64_t>(3, pushes - i));
            const auto entries = numbered_entries(number, wanted);
            stored = ring.try_push_conditions(number, entries.data(), wanted);
        } else {
            stored = push_numbered(ring, number) ? 1 : 0;
        }
        if (stored == 0) {
            std::this_thread::yield();
        }
        i += stored;
    }
}

// TSan sees the two load-bearing edges here: payloads written by a producer and read by the
// consumer (publish), slots read by the consumer and written again by any producer (reuse), also
// when that producer only ever saw the cached tail.
TYPED_TEST(SmallRingTest, threads_that_fight_over_the_slots_lose_and_tear_nothing) {
    constexpr uint64_t producers = 3;
    constexpr uint64_t pushes = 3000;
    std::vector<std::jthread> threads;
    for (uint64_t p = 0; p < producers; ++p) {
        threads.emplace_back([this, p](const std::stop_token& stop) {
            push_stubbornly(stop, this->ring, p, pushes, p == 2);
        });
    }
    std::array<uint64_t, producers> next{};
    std::array<pto::AICoreCompletionMsgView, 3> batch{};
    for (uint64_t received = 0; received < producers * pushes;) {
        const uint32_t max = 1 + static_cast<uint32_t>(received % 3);
        const uint32_t got = this->ring.try_pop_batch(batch.data(), max);
        if (got == 0) {
            std::this_thread::yield();
        }
        received += got;
        for (uint32_t i = 0; i < got; ++i) {
            const uint64_t producer = static_cast<uint64_t>(batch[i].task_token) >> 32;
            ASSERT_LT(producer, producers);
            ASSERT_TRUE(carries(batch[i], producer << 32 | next[producer]++));
        }
    }
    for (const uint64_t count : next) {
        EXPECT_EQ(count, pushes);
    }
    EXPECT_FALSE(pop(this->ring));
    EXPECT_FALSE(this->ring.has_pending());
}

// The consumer's place passes from thread to thread through a lock, as it does in the wait list.
TYPED_TEST(SmallRingTest, the_consumer_may_change_thread_under_a_lock) {
    constexpr uint64_t pushes = 1000;
    std::atomic<int> lock = 0;
    uint64_t next = 0;
    std::atomic<bool> done = false;
    std::vector<std::jthread> threads;
    threads.emplace_back([this](const std::stop_token& stop) {
        push_stubbornly(stop, this->ring, 0, pushes, false);
    });
    for (int consumer = 0; consumer < 2; ++consumer) {
        threads.emplace_back([&] {
            while (!done.load()) {
                if (lock.exchange(1) != 0) {
                    std::this_thread::yield();
                    continue;
                }
                while (const auto message = pop(this->ring)) {
                    EXPECT_TRUE(carries(*message, next++));
                }
                if (next == pushes) {
                    done.store(true);
                }
                lock.store(0);
                std::this_thread::yield();
            }
        });
    }
    for (std::jthread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(next, pushes);
}

}  // namespace
}  // namespace mailproof::test
