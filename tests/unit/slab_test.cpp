// The kernel-side helper that appends a condition to a slab.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "src/runtime/aicore_completion_mailbox_types.h"

namespace mailproof::test {
namespace {

class SlabTest : public ::testing::Test {
  protected:
    const std::unique_ptr<pto::DeferredCompletionSlab> owned_slab =
        std::make_unique<pto::DeferredCompletionSlab>();
    pto::DeferredCompletionSlab& slab = *owned_slab;

    bool append(uint32_t number) {
        return pto::deferred_completion_slab_append(&slab, number * 8, number, number % 4, 0);
    }
};

TEST_F(SlabTest, an_appended_condition_has_every_field) {
    EXPECT_TRUE(pto::deferred_completion_slab_append(&slab, 0x1122334455667788, 5, 3, -7));
    EXPECT_EQ(slab.count, 1u);
    EXPECT_EQ(slab.error_code, 0);
    EXPECT_EQ(slab.entries[0].addr, 0x1122334455667788u);
    EXPECT_EQ(slab.entries[0].expected_value, 5u);
    EXPECT_EQ(slab.entries[0].engine, 3u);
    EXPECT_EQ(slab.entries[0].completion_type, -7);
    EXPECT_EQ(slab.entries[0].backend_cookie, 0u);
}

TEST_F(SlabTest, an_appended_cookie_stays_apart_from_the_other_fields) {
    EXPECT_TRUE(
        pto::deferred_completion_slab_append(&slab, 8, 0x8877665544332211, 0xFFFFFFFF, 1, 1));
    EXPECT_EQ(slab.entries[0].addr, 8u);
    EXPECT_EQ(slab.entries[0].backend_cookie, 0x8877665544332211u);
    EXPECT_EQ(slab.entries[0].expected_value, 0xFFFFFFFFu);
    EXPECT_EQ(slab.entries[0].engine, 1u);
    EXPECT_EQ(slab.entries[0].completion_type, 1);
}

TEST_F(SlabTest, a_condition_without_a_cookie_clears_what_the_slab_held) {
    std::memset(slab.entries, 0xAB, sizeof slab.entries);
    EXPECT_TRUE(append(0));
    EXPECT_EQ(slab.entries[0].backend_cookie, 0u);
}

TEST_F(SlabTest, conditions_keep_their_order) {
    for (uint32_t i = 0; i < 64; ++i) {
        ASSERT_TRUE(append(i));
        ASSERT_EQ(slab.count, i + 1);
    }
    for (uint32_t i = 0; i < 64; ++i) {
        ASSERT_EQ(slab.entries[i].expected_value, i);
    }
    EXPECT_EQ(slab.error_code, 0);
}

TEST_F(SlabTest, the_65th_condition_leaves_an_error_and_a_count_of_64) {
    for (uint32_t i = 0; i < 64; ++i) {
        ASSERT_TRUE(append(i));
    }
    EXPECT_FALSE(append(64));
    EXPECT_EQ(slab.count, 64u);
    EXPECT_EQ(slab.error_code, 102);
    EXPECT_EQ(slab.entries[63].expected_value, 63u);
    EXPECT_FALSE(append(65));
    EXPECT_EQ(slab.count, 64u);
}

TEST_F(SlabTest, a_corrupt_count_is_kept_and_nothing_is_written) {
    for (const uint32_t corrupt : {65u, 66u, 0x80000000u, ~0u}) {
        std::memset(slab.entries, 0xAB, sizeof slab.entries);
        slab.count = corrupt;
        slab.error_code = 0;
        EXPECT_FALSE(append(1));
        EXPECT_EQ(slab.count, corrupt);
        EXPECT_EQ(slab.error_code, 102);
        for (const pto::DeferredCompletionEntry& entry : slab.entries) {
            ASSERT_EQ(entry.addr, 0xABABABABABABABABu);
        }
    }
}

}  // namespace
}  // namespace mailproof::test
