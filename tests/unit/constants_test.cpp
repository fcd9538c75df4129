// Numbers, codes and layouts that kernels, scheduler and adopters agree on. Each is written out
// once more here, so that changing one takes two deliberate edits.
#include <gtest/gtest.h>

#include <cstddef>
#include <type_traits>

#include "src/a2a3/platform.h"
#include "src/a5/platform.h"
#include "src/platforms.h"

namespace mailproof::test {
namespace {

TEST(ConstantsTest, sizes_are_those_of_the_contract) {
    EXPECT_EQ(pto::AICORE_COMPLETION_MAILBOX_CAPACITY, 4096u);
    EXPECT_EQ(pto::AICORE_COMPLETION_MAILBOX_MASK, 4095u);
    EXPECT_EQ(pto::MAX_COMPLETIONS_PER_TASK, 64u);
    EXPECT_EQ(pto::MAX_ASYNC_WAITS, 64);
    EXPECT_EQ(pto::PTO2_DEFERRED_RELEASE_CAP, 256);
    EXPECT_EQ(pto::PTO2_ALIGN_SIZE, 64u);
    EXPECT_EQ(pto::READY_QUEUE_SIZE, 65536u);
    EXPECT_EQ(pto::TASK_WINDOW_SIZE, 16384u);
    EXPECT_EQ(pto::MAX_RING_DEPTH, 4u);
    EXPECT_EQ(pto::DUMMY_BATCH_SIZE, 16u);
}

TEST(ConstantsTest, codes_are_those_of_the_contract) {
    EXPECT_EQ(pto::MSG_KIND_CONDITION, 0u);
    EXPECT_EQ(pto::MSG_KIND_TASK_NORMAL_DONE, 1u);
    EXPECT_EQ(pto::COMPLETION_ENGINE_SDMA, 0u);
    EXPECT_EQ(pto::COMPLETION_ENGINE_ROCE, 1u);
    EXPECT_EQ(pto::COMPLETION_ENGINE_URMA, 2u);
    EXPECT_EQ(pto::COMPLETION_ENGINE_CCU, 3u);
    EXPECT_EQ(pto::COMPLETION_TYPE_COUNTER, 0);
    EXPECT_EQ(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, 1);
    EXPECT_EQ(pto::PTO2_TASK_PENDING, 0);
    EXPECT_EQ(pto::PTO2_TASK_COMPLETED, 1);
    EXPECT_EQ(pto::PTO2_TASK_CONSUMED, 2);
}

TEST(ConstantsTest, errors_are_those_of_the_contract) {
    EXPECT_EQ(pto::PTO2_ERROR_NONE, 0);
    EXPECT_EQ(pto::PTO2_ERROR_INVALID_ARGS, 5);
    EXPECT_EQ(pto::PTO2_ERROR_SCHEDULER_TIMEOUT, 100);
    EXPECT_EQ(pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID, 101);
    EXPECT_EQ(pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW, 102);
    EXPECT_EQ(pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED, 103);
}

TEST(ConstantsTest, platforms_differ_in_their_sizes_and_share_their_completion_types) {
    EXPECT_EQ(pto::a2a3::Platform::block_dim_max, 24);
    EXPECT_EQ(pto::a5::Platform::block_dim_max, 36);
    pto::for_each_platform([]<class Platform>() {
        for (const int32_t known :
             {pto::COMPLETION_TYPE_COUNTER, pto::COMPLETION_TYPE_SDMA_EVENT_RECORD}) {
            EXPECT_NE(pto::completion_backend_ops_for<Platform>(known), nullptr) << Platform::name;
        }
        for (const int32_t unknown : {2, 3, -1, INT32_MAX, INT32_MIN}) {
            EXPECT_EQ(pto::completion_backend_ops_for<Platform>(unknown), nullptr);
        }
    });
    EXPECT_FALSE((std::is_same_v<pto::a2a3::AsyncWaitList, pto::a5::AsyncWaitList>));
    EXPECT_FALSE((std::is_same_v<pto::a2a3::PTO2TaskSlotState, pto::a5::PTO2TaskSlotState>));
}

TEST(LayoutTest, a_message_is_one_cache_line) {
    EXPECT_EQ(sizeof(pto::AICoreCompletionMailboxMessage), 64u);
    EXPECT_EQ(alignof(pto::AICoreCompletionMailboxMessage), 64u);
}

TEST(LayoutTest, a_slab_is_what_kernels_write) {
    EXPECT_EQ(sizeof(pto::DeferredCompletionEntry), 32u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionEntry, addr), 0u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionEntry, backend_cookie), 8u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionEntry, expected_value), 16u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionEntry, engine), 20u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionEntry, completion_type), 24u);
    EXPECT_EQ(alignof(pto::DeferredCompletionSlab), 64u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionSlab, count), 0u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionSlab, error_code), 4u);
    EXPECT_EQ(offsetof(pto::DeferredCompletionSlab, entries), 8u);
    EXPECT_EQ(sizeof(pto::DeferredCompletionSlab::entries), 64u * 32u);
}

TEST(LayoutTest, a_slot_is_one_cache_line) {
    EXPECT_EQ(sizeof(pto::a2a3::PTO2TaskSlotState), 64u);
    EXPECT_EQ(sizeof(pto::a5::PTO2TaskSlotState), 64u);
    EXPECT_EQ(alignof(pto::a2a3::PTO2TaskSlotState), 64u);
    EXPECT_EQ(alignof(pto::a5::PTO2TaskSlotState), 64u);
}

TEST(TaskIdTest, packs_ring_and_number_into_one_word) {
    constexpr pto::PTO2TaskId id = pto::PTO2TaskId::make(3, 0x80000001);
    EXPECT_EQ(id.raw, 0x0000000380000001u);
    EXPECT_EQ(id.ring(), 3u);
    EXPECT_EQ(id.local(), 0x80000001u);
    EXPECT_TRUE(id.is_valid());
}

TEST(TaskIdTest, converts_to_and_from_the_raw_word) {
    const pto::PTO2TaskId id = uint64_t{0x123456789ABCDEF0};
    const uint64_t raw = id;
    EXPECT_EQ(raw, 0x123456789ABCDEF0u);
    EXPECT_EQ(id, pto::PTO2TaskId::make(0x12345678, 0x9ABCDEF0));
}

TEST(TaskIdTest, all_ones_are_invalid) {
    EXPECT_EQ(pto::PTO2TaskId::invalid().raw, ~uint64_t{0});
    EXPECT_FALSE(pto::PTO2TaskId::invalid().is_valid());
    EXPECT_TRUE(pto::PTO2TaskId(0).is_valid());
}

}  // namespace
}  // namespace mailproof::test
