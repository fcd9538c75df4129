// Tests what the report of a hang says about a ring.
#include "fuzz/kit/ring_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "fuzz/kit/payload.h"

namespace fuzz::test {
namespace {

template <uint32_t Capacity>
auto ring_from(uint64_t ticket) {
    auto ring = std::make_unique<pto::AICoreCompletionMailbox<Capacity>>();
    ring->reset(ticket);
    return ring;
}

TEST(RingTextTest, tells_published_tickets_from_others) {
    const auto ring = ring_from<8>(~uint64_t{0});
    uint64_t ticket = 0;
    ring->try_push_normal_done(1, 2);
    ring->try_push_registration(1, 2, payload_of(0), 4);
    ring->try_claim(2, ticket);
    ring->try_push_normal_done(1, 2);
    EXPECT_EQ(describe_ring(*ring),
              "  ring of 8 slots: head 6, tail 18446744073709551615, tail that producers saw "
              "18446744073709551615\n"
              "  tickets 18446744073709551615 to 2: published\n"
              "  tickets 3 to 4: not published\n"
              "  ticket 5: published\n");
}

TEST(RingTextTest, says_nothing_of_tickets_in_an_empty_ring) {
    EXPECT_EQ(describe_ring(*ring_from<4>(7)),
              "  ring of 4 slots: head 7, tail 7, tail that producers saw 7\n");
}

TEST(RingTextTest, says_when_the_cursors_describe_no_ring) {
    const auto ring = ring_from<4>(7);
    ring->tail.store(9, std::memory_order_relaxed);
    EXPECT_NE(describe_ring(*ring).find("the tail is 2 past the head\n"), std::string::npos);
    ring->tail.store(2, std::memory_order_relaxed);
    EXPECT_NE(describe_ring(*ring).find("the tickets in use are 1 more than the slots\n"),
              std::string::npos);
}

TEST(RingTextTest, is_short) {
    const auto ring = ring_from<4096>(0);
    uint64_t ticket = 0;
    while (ring->try_claim(1, ticket) == 1) {
        ring->try_push_normal_done(1, 2);
    }
    const std::string text = describe_ring(*ring);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + ring_text_lines_max + 1);
    EXPECT_NE(text.find("and others\n"), std::string::npos);
}

struct SlotsOfItsOwn {};

TEST(RingTextTest, says_nothing_of_another_trees_mailbox) {
    EXPECT_EQ(describe_ring(SlotsOfItsOwn{}), "");
}

}  // namespace
}  // namespace fuzz::test
