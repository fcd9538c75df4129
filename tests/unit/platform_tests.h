// What a platform's header promises to the shared tests: its aliases name the shared templates.
//
// Included once by each platform's translation unit, after it has named TestedPlatform.
#pragma once

#include <gtest/gtest.h>

#include <type_traits>

#include "tests/unit/rings.h"

namespace mailproof::test {

template <class Platform>
class PlatformTest : public ::testing::Test {};

TYPED_TEST_SUITE(PlatformTest, ::testing::Types<TestedPlatform>, PlatformName);

TYPED_TEST(PlatformTest, ships_a_mailbox_of_4096_slots) {
    using Mailbox = typename pto::AsyncWaitList<TypeParam>::Mailbox;
    EXPECT_EQ(Mailbox::capacity, 4096u);
    EXPECT_TRUE((std::is_same_v<Mailbox, pto::ShippedMailbox>));
}

// Callable on any range, and without effect where engines and scheduler are coherent.
TYPED_TEST(PlatformTest, cache_maintenance_changes_no_memory) {
    uint64_t word = 0x0123456789ABCDEF;
    TypeParam::cache_invalidate_range(&word, sizeof word);
    TypeParam::cache_flush_range(&word, sizeof word);
    EXPECT_EQ(word, 0x0123456789ABCDEFu);
}

TYPED_TEST(PlatformTest, zero_filled_objects_are_empty) {
    const auto list = std::make_unique<pto::AsyncWaitList<TypeParam>>();
    EXPECT_EQ(list->busy.load(), 0);
    EXPECT_EQ(list->count.load(), 0);
    EXPECT_EQ(list->error_code.load(), 0);
    EXPECT_EQ(list->mpsc_skipped_count.load(), 0u);
    const auto slot = std::make_unique<pto::PTO2TaskSlotState<TypeParam>>();
    EXPECT_EQ(slot->task_state.load(), pto::PTO2_TASK_PENDING);
    EXPECT_EQ(slot->task, nullptr);
}

// `busy` is fought over while the gate reads `count`: they must not be on one line.
TYPED_TEST(PlatformTest, the_lock_has_a_cache_line_of_its_own) {
    const auto list = std::make_unique<pto::AsyncWaitList<TypeParam>>();
    const auto line = [](const void* member) { return reinterpret_cast<uintptr_t>(member) / 64; };
    EXPECT_NE(line(&list->busy), line(&list->count));
}

}  // namespace mailproof::test
