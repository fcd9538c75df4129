// The mailbox as the runtime ships it, 4096 slots, for one platform.
//
// Included once by each platform's translation unit, after it has named TestedPlatform.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/unit/rings.h"

namespace mailproof::test {

template <class Platform>
class MailboxTest : public ::testing::Test {
  protected:
    using Mailbox = pto::AICoreCompletionMailbox<Platform::mailbox_capacity>;

    // Held as a pointer: a ring does not fit on a stack.
    const std::unique_ptr<Mailbox> owned_ring = std::make_unique<Mailbox>();
    Mailbox& ring = *owned_ring;

    void push_numbers(uint64_t first, uint64_t end) {
        for (uint64_t i = first; i < end; ++i) {
            ASSERT_TRUE(push_numbered(ring, i)) << i;
        }
    }

    void expect_numbers(uint64_t first, uint64_t end) {
        for (uint64_t i = first; i < end; ++i) {
            const auto message = pop(ring);
            ASSERT_TRUE(message) << i;
            ASSERT_TRUE(carries(*message, i));
            ASSERT_EQ(message->task_token, i);
        }
    }
};

using TestedPlatforms = ::testing::Types<TestedPlatform>;
TYPED_TEST_SUITE(MailboxTest, TestedPlatforms, PlatformName);

TYPED_TEST(MailboxTest, a_zero_filled_ring_is_empty) {
    EXPECT_FALSE(this->ring.has_pending());
    EXPECT_FALSE(pop(this->ring));
}

TYPED_TEST(MailboxTest, a_condition_arrives_as_it_was_pushed) {
    ASSERT_TRUE(this->ring.try_push_condition(7, 0x1122334455667788, 9, 10, -11));
    const auto message = pop(this->ring);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->task_token, 7u);
    EXPECT_EQ(message->addr, 0x1122334455667788u);
    EXPECT_EQ(message->expected_value, 9u);
    EXPECT_EQ(message->engine, 10u);
    EXPECT_EQ(message->completion_type, -11);
    EXPECT_EQ(message->kind, 0u);
    EXPECT_EQ(message->backend_cookie, 0u);
    EXPECT_FALSE(pop(this->ring));
}

TYPED_TEST(MailboxTest, a_cookie_arrives_as_it_was_pushed) {
    ASSERT_TRUE(this->ring.try_push_condition(7, 1, 0x8877665544332211, 9, 10, -11));
    const auto message = pop(this->ring);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->addr, 1u);
    EXPECT_EQ(message->backend_cookie, 0x8877665544332211u);
    EXPECT_EQ(message->expected_value, 9u);
    EXPECT_EQ(message->engine, 10u);
    EXPECT_EQ(message->completion_type, -11);
}

TYPED_TEST(MailboxTest, entries_of_24_bytes_without_a_cookie_are_pushed_in_bulk) {
    struct OlderEntry {
        uint64_t addr;
        uint32_t expected_value;
        uint32_t engine;
        int32_t completion_type;
        uint32_t pad;
    };
    const OlderEntry entries[] = {{1, 2, 3, -4, 0}, {5, 6, 7, 8, 0}};
    static_assert(sizeof(OlderEntry) == 24);
    // What the slots held before: a cookie that must not come back.
    push_numbered(this->ring, 1);
    push_numbered(this->ring, 2);
    pop_all(this->ring);
    this->ring.reset(0);
    ASSERT_EQ(this->ring.try_push_conditions(9, entries, 2), 2u);
    for (const OlderEntry& entry : entries) {
        const auto message = pop(this->ring);
        ASSERT_TRUE(message);
        EXPECT_EQ(message->task_token, 9u);
        EXPECT_EQ(message->addr, entry.addr);
        EXPECT_EQ(message->backend_cookie, 0u);
        EXPECT_EQ(message->expected_value, entry.expected_value);
        EXPECT_EQ(message->engine, entry.engine);
        EXPECT_EQ(message->completion_type, entry.completion_type);
    }
}

TYPED_TEST(MailboxTest, a_normal_done_arrives_as_it_was_pushed) {
    ASSERT_TRUE(this->ring.try_push_condition(1, 2, 3, 4, 5));
    ASSERT_TRUE(this->ring.try_push_normal_done(7, 0x8877665544332211));
    ASSERT_TRUE(pop(this->ring));
    const auto message = pop(this->ring);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->task_token, 7u);
    EXPECT_EQ(message->addr, 0x8877665544332211u);
    EXPECT_EQ(message->kind, 1u);
}

TYPED_TEST(MailboxTest, a_payload_is_never_inspected) {
    ASSERT_TRUE(this->ring.try_push_condition(~uint64_t{0}, 0, ~0u, ~0u, -1));
    ASSERT_TRUE(this->ring.try_push_normal_done(0, 0));
    EXPECT_EQ(pop(this->ring)->completion_type, -1);
    EXPECT_EQ(pop(this->ring)->addr, 0u);
}

TYPED_TEST(MailboxTest, both_kinds_leave_in_the_order_of_their_pushes) {
    this->push_numbers(0, 3);
    ASSERT_TRUE(this->ring.try_push_normal_done(3, 33));
    this->push_numbers(4, 6);
    this->expect_numbers(0, 3);
    EXPECT_EQ(pop(this->ring)->kind, 1u);
    this->expect_numbers(4, 6);
}

TYPED_TEST(MailboxTest, an_empty_pop_leaves_its_output_alone) {
    pto::AICoreCompletionMsgView out = numbered_condition(5);
    EXPECT_FALSE(this->ring.try_pop(out));
    EXPECT_TRUE(carries(out, 5));
}

TYPED_TEST(MailboxTest, exactly_4096_messages_fit_and_then_every_push_is_refused) {
    this->push_numbers(0, 4096);
    const auto more = numbered_entries(0, 2);
    for (int repeat = 0; repeat < 2; ++repeat) {
        EXPECT_FALSE(push_numbered(this->ring, 4096));
        EXPECT_FALSE(this->ring.try_push_normal_done(1, 2));
        EXPECT_EQ(this->ring.try_push_conditions(1, more.data(), 2), 0u);
    }
    EXPECT_EQ(this->ring.head.load(), 4096u);
    this->expect_numbers(0, 4096);
    EXPECT_FALSE(pop(this->ring));
}

TYPED_TEST(MailboxTest, one_pop_makes_room_for_one_push) {
    this->push_numbers(0, 4096);
    this->expect_numbers(0, 1);
    EXPECT_TRUE(push_numbered(this->ring, 4096));
    EXPECT_FALSE(push_numbered(this->ring, 4097));
    this->expect_numbers(1, 4097);
}

TYPED_TEST(MailboxTest, a_bulk_push_takes_consecutive_tickets_in_order) {
    this->push_numbers(0, 1);
    const auto entries = numbered_entries(1, 64);
    EXPECT_EQ(this->ring.try_push_conditions(99, entries.data(), 64), 64u);
    EXPECT_EQ(this->ring.head.load(), 65u);
    this->expect_numbers(0, 1);
    for (uint64_t i = 1; i < 65; ++i) {
        const auto message = pop(this->ring);
        ASSERT_TRUE(message);
        EXPECT_TRUE(carries(*message, i));
        EXPECT_EQ(message->task_token, 99u);
    }
}

TYPED_TEST(MailboxTest, a_bulk_push_stores_what_fits_and_says_how_many) {
    this->push_numbers(0, 4090);
    const auto entries = numbered_entries(4090, 64);
    EXPECT_EQ(this->ring.try_push_conditions(1, entries.data(), 64), 6u);
    EXPECT_EQ(this->ring.head.load(), 4096u);
    const auto all = pop_all(this->ring);
    ASSERT_EQ(all.size(), 4096u);
    for (uint64_t i = 0; i < 4096; ++i) {
        ASSERT_TRUE(carries(all[i], i));
    }
}

// Producers remember an older tail. It may make them look again, and never store less than fits.
TYPED_TEST(MailboxTest, a_bulk_push_sees_the_slots_that_were_given_back_since) {
    this->push_numbers(0, 4096);
    this->expect_numbers(0, 10);
    this->push_numbers(4096, 4097);
    this->expect_numbers(10, 20);
    const auto entries = numbered_entries(4097, 64);
    EXPECT_EQ(this->ring.try_push_conditions(1, entries.data(), 64), 19u);
}

TYPED_TEST(MailboxTest, a_bulk_push_of_more_than_the_ring_fills_it) {
    const auto entries = numbered_entries(0, 5000);
    EXPECT_EQ(this->ring.try_push_conditions(1, entries.data(), 5000), 4096u);
    EXPECT_EQ(pop_all(this->ring).size(), 4096u);
}

TYPED_TEST(MailboxTest, a_bulk_push_of_nothing_does_nothing) {
    EXPECT_EQ(this->ring.try_push_conditions(1, nullptr, 0), 0u);
    EXPECT_EQ(this->ring.head.load(), 0u);
    EXPECT_FALSE(this->ring.has_pending());
}

TYPED_TEST(MailboxTest, a_batch_pop_takes_up_to_its_maximum) {
    this->push_numbers(0, 10);
    std::array<pto::AICoreCompletionMsgView, 8> out{};
    EXPECT_EQ(this->ring.try_pop_batch(out.data(), 0), 0u);
    EXPECT_EQ(this->ring.tail.load(), 0u);
    EXPECT_EQ(this->ring.try_pop_batch(out.data(), 8), 8u);
    EXPECT_EQ(this->ring.tail.load(), 8u);
    for (uint64_t i = 0; i < 8; ++i) {
        EXPECT_TRUE(carries(out[i], i));
    }
    EXPECT_EQ(this->ring.try_pop_batch(out.data(), 8), 2u);
    EXPECT_EQ(this->ring.tail.load(), 10u);
    EXPECT_TRUE(carries(out[1], 9));
    EXPECT_EQ(this->ring.try_pop_batch(out.data(), 8), 0u);
}

TYPED_TEST(MailboxTest, a_batch_ends_at_the_first_unpublished_ticket) {
    this->push_numbers(0, 2);
    uint64_t gap = 0;
    ASSERT_EQ(this->ring.try_claim(1, gap), 1u);
    this->push_numbers(3, 5);

    std::array<pto::AICoreCompletionMsgView, 8> out{};
    EXPECT_EQ(this->ring.try_pop_batch(out.data(), 8), 2u);
    EXPECT_EQ(this->ring.tail.load(), 2u);
    EXPECT_FALSE(pop(this->ring)) << "a message after the gap overtook it";

    this->ring.publish(gap, numbered_condition(2));
    this->expect_numbers(2, 5);
}

TYPED_TEST(MailboxTest, a_stopped_bulk_claim_holds_the_consumer_but_no_producer) {
    uint64_t first = 0;
    ASSERT_EQ(this->ring.try_claim(3, first), 3u);
    this->push_numbers(3, 4096);
    EXPECT_FALSE(push_numbered(this->ring, 4096));

    this->ring.publish(first + 2, numbered_condition(2));
    this->ring.publish(first + 1, numbered_condition(1));
    EXPECT_FALSE(pop(this->ring));
    this->ring.publish(first, numbered_condition(0));
    this->expect_numbers(0, 4096);
}

TYPED_TEST(MailboxTest, a_claim_is_cut_to_the_free_slots) {
    this->push_numbers(0, 4094);
    uint64_t first = 0;
    EXPECT_EQ(this->ring.try_claim(5, first), 2u);
    EXPECT_EQ(first, 4094u);
    EXPECT_EQ(this->ring.try_claim(1, first), 0u);
    EXPECT_EQ(this->ring.try_claim(0, first), 0u);
}

TYPED_TEST(MailboxTest, a_visitor_that_returns_false_ends_the_batch_after_that_message) {
    this->push_numbers(0, 5);
    uint64_t next = 0;
    const auto stop_at_2 = [&next](const pto::AICoreCompletionMsgView& message) {
        EXPECT_TRUE(carries(message, next));
        return next++ != 2;
    };
    EXPECT_EQ(this->ring.consume(5, stop_at_2), 3u);
    EXPECT_EQ(this->ring.tail.load(), 3u);
    this->expect_numbers(3, 5);
}

TYPED_TEST(MailboxTest, a_batch_gives_its_slots_back_in_one_store_at_its_end) {
    this->push_numbers(0, 5);
    const auto look_at_tail = [this](const pto::AICoreCompletionMsgView&) {
        EXPECT_EQ(this->ring.tail.load(), 0u);
        return true;
    };
    EXPECT_EQ(this->ring.consume(5, look_at_tail), 5u);
    EXPECT_EQ(this->ring.tail.load(), 5u);
}

TYPED_TEST(MailboxTest, a_registration_of_any_size_arrives_as_it_was_pushed) {
    // Over the end of the ring, and over stale slots.
    this->ring.reset(~uint64_t{0} - 2000);
    for (uint32_t n = 1; n <= pto::MAX_COMPLETIONS_PER_TASK; ++n) {
        for (uint64_t i = 0; i < 3; ++i) {
            const auto entries = numbered_entries(100 * n, n);
            const uint64_t first = this->ring.head.load();
            ASSERT_TRUE(this->ring.try_push_registration(7 * n, 8 * n, entries.data(), n));
            ASSERT_EQ(this->ring.head.load() - first, 1 + n / 2)
                << "two in each slot but the first";
            Consumed consumed;
            ASSERT_EQ(this->ring.consume(1, consumed), 1 + n / 2) << "all or nothing of it";
            ASSERT_EQ(consumed.tokens, std::vector<uint64_t>{7 * n});
            ASSERT_EQ(consumed.slot_addresses, std::vector<uint64_t>{8 * n});
            ASSERT_EQ(consumed.conditions.size(), n);
            ASSERT_TRUE(are_numbered(consumed.conditions, 100 * n)) << "of " << n;
            ASSERT_FALSE(this->ring.has_pending());
        }
    }
}

TYPED_TEST(MailboxTest, registrations_and_other_messages_keep_their_order) {
    const auto entries = numbered_entries(0, 8);
    ASSERT_TRUE(push_numbered(this->ring, 0));
    ASSERT_TRUE(this->ring.try_push_registration(1, 64, entries.data() + 1, 3));
    ASSERT_TRUE(this->ring.try_push_registration(4, 64, entries.data() + 4, 1));
    ASSERT_TRUE(push_numbered(this->ring, 5));
    ASSERT_TRUE(push_numbered(this->ring, 6));
    ASSERT_TRUE(this->ring.try_push_registration(7, 64, entries.data() + 7, 1));
    Consumed consumed;
    EXPECT_EQ(this->ring.consume(64, consumed), 7u);
    EXPECT_EQ(consumed.tokens, (std::vector<uint64_t>{0, 1, 4, 5, 6, 7}));
    EXPECT_TRUE(are_numbered(consumed.conditions, 0));
    EXPECT_EQ(consumed.conditions.size(), 8u);
}

TYPED_TEST(MailboxTest, a_batch_ends_with_the_message_that_takes_its_last_slot) {
    const auto entries = numbered_entries(0, 4);
    for (uint64_t token = 0; token < 3; ++token) {
        ASSERT_TRUE(this->ring.try_push_registration(token, 64, entries.data(), 4));
    }
    Consumed consumed;
    EXPECT_EQ(this->ring.consume(3, consumed), 3u);
    EXPECT_EQ(consumed.tokens, (std::vector<uint64_t>{0}));
    EXPECT_EQ(this->ring.consume(4, consumed), 6u) << "one begins within the budget";
    EXPECT_EQ(consumed.tokens, (std::vector<uint64_t>{0, 1, 2}));
    EXPECT_EQ(this->ring.consume(1, consumed), 0u);
}

TYPED_TEST(MailboxTest, a_pop_takes_a_registration_as_one_message) {
    const auto entries = numbered_entries(0, 9);
    ASSERT_TRUE(this->ring.try_push_registration(3, 64, entries.data(), 9));
    ASSERT_TRUE(push_numbered(this->ring, 9));
    std::array<pto::AICoreCompletionMsgView, 8> messages;
    ASSERT_EQ(this->ring.try_pop_batch(messages.data(), 8), 2u);
    EXPECT_EQ(messages[0].kind, pto::MSG_KIND_TASK_REGISTRATION);
    EXPECT_EQ(messages[0].task_token, 3u);
    EXPECT_EQ(messages[0].addr, entries[0].addr);
    EXPECT_TRUE(carries(messages[1], 9));
}

TYPED_TEST(MailboxTest, a_registration_takes_all_of_its_slots_or_none) {
    const auto entries = numbered_entries(0, 6);
    this->push_numbers(0, 4093);
    EXPECT_FALSE(this->ring.try_push_registration(1, 64, entries.data(), 6)) << "it takes 4";
    EXPECT_EQ(this->ring.head.load(), 4093u);
    EXPECT_TRUE(this->ring.try_push_registration(1, 64, entries.data(), 5));
    EXPECT_FALSE(this->ring.try_push_registration(1, 64, entries.data(), 1));
    this->expect_numbers(0, 1);
    EXPECT_TRUE(this->ring.try_push_registration(1, 64, entries.data(), 1));
    this->expect_numbers(1, 4093);
    Consumed consumed;
    EXPECT_EQ(this->ring.consume(64, consumed), 4u);
    EXPECT_EQ(consumed.tokens.size(), 2u);
}

TYPED_TEST(MailboxTest, a_registration_holds_the_consumer_until_it_is_all_there) {
    const auto entries = numbered_entries(0, 3);
    uint64_t gap = 0;
    ASSERT_EQ(this->ring.try_claim(1, gap), 1u);
    ASSERT_TRUE(this->ring.try_push_registration(1, 64, entries.data(), 3));
    Consumed consumed;
    EXPECT_EQ(this->ring.consume(64, consumed), 0u);
    this->ring.publish(gap, numbered_condition(0));
    EXPECT_EQ(this->ring.consume(64, consumed), 3u);
}

TYPED_TEST(MailboxTest, registrations_of_several_threads_arrive_whole) {
    constexpr uint32_t producers = 3;
    constexpr uint32_t registrations = 400;
    std::vector<std::thread> threads;
    for (uint32_t producer = 0; producer < producers; ++producer) {
        threads.emplace_back([this, producer] {
            for (uint32_t i = 0; i < registrations; ++i) {
                const uint32_t n = 1 + (i + producer) % 16;
                const auto entries = numbered_entries(1000 * i + producer, n);
                while (!this->ring.try_push_registration(producer, 1000 * i + producer,
                                                         entries.data(), n)) {
                    std::this_thread::yield();
                }
            }
        });
    }
    std::array<uint32_t, producers> next{};
    uint32_t taken = 0;
    while (taken < producers * registrations) {
        Consumed consumed;
        if (this->ring.consume(1, consumed) == 0) {
            std::this_thread::yield();
            continue;
        }
        ++taken;
        ASSERT_EQ(consumed.slot_addresses.size(), 1u);
        const uint64_t producer = consumed.tokens[0];
        const uint32_t i = next[producer]++;
        ASSERT_EQ(consumed.slot_addresses[0], 1000 * i + producer);
        ASSERT_EQ(consumed.conditions.size(), 1 + (i + producer) % 16);
        ASSERT_TRUE(are_numbered(consumed.conditions, 1000 * i + producer));
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_FALSE(this->ring.has_pending());
}

TYPED_TEST(MailboxTest, pending_means_a_message_or_a_claimed_ticket) {
    this->push_numbers(0, 1);
    EXPECT_TRUE(this->ring.has_pending());
    this->expect_numbers(0, 1);
    EXPECT_FALSE(this->ring.has_pending());

    uint64_t ticket = 0;
    ASSERT_EQ(this->ring.try_claim(1, ticket), 1u);
    EXPECT_TRUE(this->ring.has_pending());
    this->ring.publish(ticket, numbered_condition(1));
    EXPECT_TRUE(this->ring.has_pending());
    this->expect_numbers(1, 2);
    EXPECT_FALSE(this->ring.has_pending());
}

TYPED_TEST(MailboxTest, a_full_ring_is_pending) {
    this->push_numbers(0, 4096);
    EXPECT_TRUE(this->ring.has_pending());
}

// The two loads of has_pending() are not one moment: the tail that it reads may be ahead of the
// head that it read. A tail that is ahead stands here for that.
TYPED_TEST(MailboxTest, a_tail_ahead_of_the_head_that_was_read_is_not_pending) {
    this->ring.tail.store(1);
    EXPECT_FALSE(this->ring.has_pending());
}

TYPED_TEST(MailboxTest, a_used_ring_restarts_by_moving_tail_to_head) {
    for (const uint64_t left_over : {0u, 1u, 100u, 4096u}) {
        const uint64_t first = this->ring.head.load();
        this->push_numbers(0, left_over);
        this->ring.restart();
        EXPECT_EQ(this->ring.tail.load(), first + left_over) << "restart does not rewind";
        EXPECT_FALSE(this->ring.has_pending());
        EXPECT_FALSE(pop(this->ring));
        this->push_numbers(0, 4096);
        EXPECT_FALSE(push_numbered(this->ring, 4096));
        this->expect_numbers(0, 4096);
    }
}

TYPED_TEST(MailboxTest, generations_follow_each_other_over_stale_sequence_words) {
    for (uint64_t generation = 0; generation < 4; ++generation) {
        const uint64_t first = generation * 4096;
        // Every slot still carries the sequence of the generation before; none may count.
        EXPECT_FALSE(pop(this->ring));
        uint64_t ticket = 0;
        ASSERT_EQ(this->ring.try_claim(1, ticket), 1u);
        ASSERT_EQ(ticket, first);
        EXPECT_FALSE(pop(this->ring));
        this->ring.publish(ticket, numbered_condition(first));
        this->push_numbers(first + 1, first + 4096);
        EXPECT_FALSE(push_numbered(this->ring, 0));
        this->expect_numbers(first, first + 4096);
    }
}

TYPED_TEST(MailboxTest, a_ring_works_across_the_wrap_of_its_64_bit_cursors) {
    for (const uint64_t before_the_wrap : {1u, 2u, 5u, 63u, 4095u, 4096u, 4097u}) {
        this->ring.reset(uint64_t{0} - before_the_wrap);
        EXPECT_FALSE(this->ring.has_pending());
        EXPECT_FALSE(pop(this->ring));
        this->push_numbers(0, 4096);
        EXPECT_FALSE(push_numbered(this->ring, 4096));
        EXPECT_TRUE(this->ring.has_pending());
        this->expect_numbers(0, 2048);
        this->push_numbers(4096, 6144);
        EXPECT_FALSE(push_numbered(this->ring, 6144));
        this->expect_numbers(2048, 6144);
        EXPECT_FALSE(this->ring.has_pending());
        EXPECT_FALSE(pop(this->ring));
    }
}

TYPED_TEST(MailboxTest, reset_gives_every_slot_the_first_ticket_that_maps_to_it) {
    this->push_numbers(0, 4096);
    for (const uint64_t first : {uint64_t{0}, uint64_t{1}, uint64_t{4097}, ~uint64_t{0} - 9}) {
        this->ring.reset(first);
        EXPECT_EQ(this->ring.head.load(), first);
        EXPECT_EQ(this->ring.tail.load(), first);
        for (uint64_t i = 0; i < 4096; ++i) {
            ASSERT_EQ(this->ring.entries[(first + i) % 4096].seq.load(), first + i);
        }
        EXPECT_FALSE(pop(this->ring)) << "a stale sequence word was taken for a message";
        this->push_numbers(0, 4096);
        EXPECT_FALSE(push_numbered(this->ring, 4096));
    }
}

TYPED_TEST(MailboxTest, a_zero_filled_ring_behaves_like_one_reset_to_0) {
    const auto owned_other = make_ring<4096>();
    auto& other = *owned_other;
    other.reset(0);
    for (uint64_t i = 0; i < 3 * 4096; ++i) {
        ASSERT_EQ(push_numbered(this->ring, i), push_numbered(other, i)) << i;
        if (i % 4 == 3) {
            const auto message = pop(this->ring);
            const auto other_message = pop(other);
            ASSERT_TRUE(message && other_message) << i;
            ASSERT_EQ(message->task_token, other_message->task_token) << i;
        }
        ASSERT_EQ(this->ring.head.load(), other.head.load());
        ASSERT_EQ(this->ring.tail.load(), other.tail.load());
        ASSERT_EQ(this->ring.has_pending(), other.has_pending());
    }
}

TYPED_TEST(MailboxTest, head_and_tail_share_no_cache_line) {
    const auto line = [this](const void* member) {
        return (static_cast<const char*>(member) - reinterpret_cast<const char*>(&this->ring)) / 64;
    };
    EXPECT_EQ(reinterpret_cast<uintptr_t>(&this->ring) % 64, 0u);
    EXPECT_NE(line(&this->ring.head), line(&this->ring.tail));
    EXPECT_NE(line(&this->ring.tail), line(&this->ring.entries[0]));
    EXPECT_NE(line(&this->ring.cached_tail), line(&this->ring.tail));
    EXPECT_EQ(sizeof this->ring.entries, 4096u * 64u);
}

TYPED_TEST(MailboxTest, the_adoption_aliases_do_what_the_members_do) {
    ASSERT_FALSE(pto::aicore_completion_mailbox_has_pending(&this->ring));
    ASSERT_TRUE(pto::aicore_completion_mailbox_try_push_condition(&this->ring, 1, 2, 3, 4, 5));
    ASSERT_TRUE(pto::aicore_completion_mailbox_try_push_normal_done(&this->ring, 6, 7));
    ASSERT_TRUE(pto::aicore_completion_mailbox_has_pending(&this->ring));
    const auto condition = pop(this->ring);
    const auto done = pop(this->ring);
    ASSERT_TRUE(condition && done);
    EXPECT_EQ(condition->kind, 0u);
    EXPECT_EQ(condition->task_token, 1u);
    EXPECT_EQ(condition->addr, 2u);
    EXPECT_EQ(condition->backend_cookie, 0u);
    EXPECT_EQ(condition->expected_value, 3u);
    EXPECT_EQ(condition->engine, 4u);
    EXPECT_EQ(condition->completion_type, 5);
    EXPECT_EQ(done->kind, 1u);
    EXPECT_EQ(done->task_token, 6u);
    EXPECT_EQ(done->addr, 7u);
    this->push_numbers(0, 4096);
    EXPECT_FALSE(pto::aicore_completion_mailbox_try_push_condition(&this->ring, 1, 2, 3, 4, 5));
    EXPECT_FALSE(pto::aicore_completion_mailbox_try_push_normal_done(&this->ring, 6, 7));
}

TYPED_TEST(MailboxTest, the_adoption_aliases_take_a_null_mailbox) {
    EXPECT_FALSE(pto::aicore_completion_mailbox_has_pending(nullptr));
    EXPECT_FALSE(pto::aicore_completion_mailbox_try_push_condition(nullptr, 1, 2, 3, 4, 5));
    EXPECT_FALSE(pto::aicore_completion_mailbox_try_push_normal_done(nullptr, 1, 2));
}

TYPED_TEST(MailboxTest, eight_producers_leave_no_gap_and_keep_their_own_order) {
    constexpr uint64_t producers = 8;
    constexpr uint64_t pushes = 256;
    {
        std::vector<std::jthread> threads;
        for (uint64_t p = 0; p < producers; ++p) {
            threads.emplace_back([this, p] {
                for (uint64_t i = 0; i < pushes; ++i) {
                    EXPECT_TRUE(push_numbered(this->ring, p << 32 | i));
                }
            });
        }
    }
    EXPECT_EQ(this->ring.head.load(), producers * pushes);
    std::array<uint64_t, producers> next{};
    const auto all = pop_all(this->ring);
    ASSERT_EQ(all.size(), producers * pushes);
    for (const auto& message : all) {
        const uint64_t number = message.task_token;
        ASSERT_TRUE(carries(message, number));
        ASSERT_LT(number >> 32, producers);
        ASSERT_EQ(number & 0xFFFFFFFF, next[number >> 32]++);
    }
}

TYPED_TEST(MailboxTest, pushes_interleaved_with_a_drainer_all_arrive_in_order) {
    constexpr uint64_t pushes = 64;
    std::vector<pto::AICoreCompletionMsgView> seen;
    std::atomic<bool> stop = false;
    std::thread drainer([&] {
        while (!stop.load()) {
            if (const auto message = pop(this->ring)) {
                seen.push_back(*message);
            }
        }
    });
    for (uint64_t i = 0; i < pushes; ++i) {
        EXPECT_TRUE(push_numbered(this->ring, i));
        std::this_thread::yield();
    }
    stop.store(true);
    drainer.join();

    for (const auto& message : pop_all(this->ring)) {
        seen.push_back(message);
    }
    ASSERT_EQ(seen.size(), pushes);
    for (uint64_t i = 0; i < pushes; ++i) {
        EXPECT_TRUE(carries(seen[i], i));
    }
    EXPECT_FALSE(this->ring.has_pending());
}

TYPED_TEST(MailboxTest, any_thread_may_ask_whether_something_is_pending) {
    std::atomic<bool> stop = false;
    std::jthread asker([&] {
        while (!stop.load()) {
            static_cast<void>(this->ring.has_pending());
        }
    });
    for (uint64_t i = 0; i < 2000; ++i) {
        this->push_numbers(i, i + 1);
        // This thread published the message and only it pops: the hint may not miss it.
        EXPECT_TRUE(this->ring.has_pending());
        this->expect_numbers(i, i + 1);
    }
    stop.store(true);
}

}  // namespace mailproof::test
