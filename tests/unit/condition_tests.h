// Conditions on their own: what makes a counter or an event record ready, failed, retired.
//
// Included once by each platform's translation unit, after it has named TestedPlatform.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

#include "src/runtime/completion_condition.h"
#include "tests/unit/rings.h"

namespace mailproof::test {

inline uint64_t address_of(const volatile void* object) {
    return reinterpret_cast<uintptr_t>(object);
}

template <class Platform>
class ConditionTest : public ::testing::Test {
  protected:
    using Condition = pto::CompletionCondition<Platform>;

    static Condition condition(int32_t type, uint64_t addr, uint32_t expected = 0) {
        return Condition::of({pto::PTO2TaskId(1), addr, expected, 2, type, 0});
    }
    static Condition counter(uint64_t addr, uint32_t expected) {
        return condition(pto::COMPLETION_TYPE_COUNTER, addr, expected);
    }
    static Condition record(const pto::SdmaEventRecord& event) {
        return condition(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, address_of(&event));
    }

    static void expect_pending(const Condition& tested) {
        EXPECT_EQ(tested.test().state, pto::CompletionPollState::PENDING);
        EXPECT_EQ(tested.test().error_code, 0);
    }
    static void expect_ready(const Condition& tested) {
        EXPECT_EQ(tested.test().state, pto::CompletionPollState::READY);
        EXPECT_EQ(tested.test().error_code, 0);
    }
    static void expect_failed(const Condition& tested) {
        EXPECT_EQ(tested.test().state, pto::CompletionPollState::FAILED);
        EXPECT_EQ(tested.test().error_code, 101);
    }
};

TYPED_TEST_SUITE(ConditionTest, ::testing::Types<TestedPlatform>, PlatformName);

TYPED_TEST(ConditionTest, carries_the_fields_of_its_message) {
    uint32_t word = 0;
    const auto c = TestFixture::Condition::of({pto::PTO2TaskId(1), address_of(&word), 3, 4, 0, 0});
    EXPECT_EQ(c.engine, 4u);
    EXPECT_EQ(c.completion_type, 0);
    EXPECT_EQ(c.addr, address_of(&word));
    EXPECT_EQ(c.expected_value, 3u);
    EXPECT_EQ(c.counter_addr, &word);
    EXPECT_FALSE(c.satisfied);
    EXPECT_FALSE(c.retired);
}

TYPED_TEST(ConditionTest, has_a_counter_address_only_if_it_is_a_counter) {
    for (const int32_t type : {1, 2, -1, INT32_MAX, INT32_MIN}) {
        EXPECT_EQ(TestFixture::condition(type, 64).counter_addr, nullptr);
    }
}

TYPED_TEST(ConditionTest, a_counter_is_ready_from_its_expected_value_on) {
    alignas(8) uint32_t word = 6;
    const auto c = TestFixture::counter(address_of(&word), 7);
    TestFixture::expect_pending(c);
    word = 7;
    TestFixture::expect_ready(c);
    word = 8;
    TestFixture::expect_ready(c);
}

TYPED_TEST(ConditionTest, counters_are_compared_unsigned_and_without_wrapping) {
    uint32_t word = 0x7FFFFFFF;
    const auto c = TestFixture::counter(address_of(&word), 0x80000000);
    TestFixture::expect_pending(c);
    word = 0x80000000;
    TestFixture::expect_ready(c);
    word = 1;
    TestFixture::expect_pending(TestFixture::counter(address_of(&word), 0xFFFFFFFF));
    word = 0xFFFFFFFF;
    TestFixture::expect_ready(TestFixture::counter(address_of(&word), 1));
}

TYPED_TEST(ConditionTest, an_expected_value_of_0_holds_at_once) {
    uint32_t word = 0;
    TestFixture::expect_ready(TestFixture::counter(address_of(&word), 0));
}

TYPED_TEST(ConditionTest, a_null_counter_fails) {
    TestFixture::expect_failed(TestFixture::counter(0, 0));
}

TYPED_TEST(ConditionTest, a_counter_must_be_aligned_to_4_bytes_and_no_more) {
    alignas(8) std::array<uint32_t, 4> words{};
    const uint64_t base = address_of(words.data());
    for (const uint64_t offset : {1u, 2u, 3u, 5u, 6u, 7u}) {
        TestFixture::expect_failed(TestFixture::counter(base + offset, 0));
    }
    TestFixture::expect_ready(TestFixture::counter(base + 4, 0));
}

TYPED_TEST(ConditionTest, an_unknown_type_fails) {
    alignas(8) uint64_t word = ~uint64_t{0};
    for (const int32_t type : {2, 3, -1, INT32_MAX, INT32_MIN}) {
        TestFixture::expect_failed(TestFixture::condition(type, address_of(&word)));
    }
}

TYPED_TEST(ConditionTest, a_satisfied_condition_is_ready_without_another_look) {
    auto c = TestFixture::condition(-1, 0);
    c.satisfied = true;
    TestFixture::expect_ready(c);
}

TYPED_TEST(ConditionTest, retiring_a_counter_leaves_it_alone) {
    uint32_t word = 9;
    auto c = TestFixture::counter(address_of(&word), 7);
    c.satisfied = true;
    c.retire();
    EXPECT_TRUE(c.retired);
    EXPECT_EQ(word, 9u);
}

// The engine writes its data plainly and then the counter with release; a thread that saw the
// counter may read the data. ThreadSanitizer sees whether the test's load really acquires.
TYPED_TEST(ConditionTest, a_ready_counter_makes_the_engines_data_visible) {
    uint32_t word = 0;
    uint64_t data = 0;
    const auto c = TestFixture::counter(address_of(&word), 1);
    std::jthread engine([&] {
        data = 42;
        std::atomic_ref<uint32_t>(word).store(1, std::memory_order_release);
    });
    while (c.test().state != pto::CompletionPollState::READY) {
        std::this_thread::yield();
    }
    EXPECT_EQ(data, 42u);
}

// ----- SDMA event records: known to a2a3, unknown to a5 --------------------------------------

TYPED_TEST(ConditionTest, an_event_record_is_ready_once_its_flag_is_not_0) {
    pto::SdmaEventRecord event{0, 5, 0};
    const auto c = TestFixture::record(event);
    if constexpr (TypeParam::has_sdma_event_record) {
        TestFixture::expect_pending(c);
        for (const uint32_t flag : {1u, 2u, 0x80000000u, ~0u}) {
            event.flag = flag;
            TestFixture::expect_ready(c);
        }
    } else {
        TestFixture::expect_failed(c);
        event.flag = 1;
        TestFixture::expect_failed(c);
    }
}

TYPED_TEST(ConditionTest, an_event_record_must_be_aligned_to_8_bytes) {
    alignas(8) std::array<uint32_t, 8> words;
    words.fill(1);
    const uint64_t base = address_of(words.data());
    for (const uint64_t offset : {1u, 2u, 3u, 4u, 5u, 6u, 7u}) {
        TestFixture::expect_failed(
            TestFixture::condition(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, base + offset));
    }
    const auto aligned = TestFixture::condition(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, base + 8);
    if constexpr (TypeParam::has_sdma_event_record) {
        TestFixture::expect_ready(aligned);
    } else {
        TestFixture::expect_failed(aligned);
    }
}

TYPED_TEST(ConditionTest, a_null_event_record_fails) {
    TestFixture::expect_failed(TestFixture::condition(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, 0));
}

TYPED_TEST(ConditionTest, retiring_a_record_clears_it_and_moves_its_channels_tail) {
    uint64_t channel = 77;
    pto::SdmaEventRecord event{3, 0x89ABCDEF, address_of(&channel)};
    auto c = TestFixture::record(event);
    c.satisfied = true;
    c.retire();
    EXPECT_TRUE(c.retired);
    // Bytes 8 to 15 stay: the channel outlives the transfer.
    EXPECT_EQ(event.channel_info, address_of(&channel));
    if constexpr (TypeParam::has_sdma_event_record) {
        EXPECT_EQ(event.flag, 0u);
        EXPECT_EQ(event.sq_tail, 0u);
        EXPECT_EQ(channel, 0x89ABCDEF89ABCDEFu);
    } else {
        EXPECT_EQ(event.flag, 3u);
        EXPECT_EQ(event.sq_tail, 0x89ABCDEFu);
        EXPECT_EQ(channel, 77u);
    }
}

TYPED_TEST(ConditionTest, a_record_is_retired_once) {
    uint64_t channel = 0;
    pto::SdmaEventRecord event{1, 5, address_of(&channel)};
    auto c = TestFixture::record(event);
    c.satisfied = true;
    c.retire();
    event.flag = 1;
    event.sq_tail = 6;
    channel = 77;
    c.retire();
    EXPECT_EQ(event.flag, 1u);
    EXPECT_EQ(event.sq_tail, 6u);
    EXPECT_EQ(channel, 77u);
}

TYPED_TEST(ConditionTest, a_record_without_a_channel_is_only_cleared) {
    pto::SdmaEventRecord event{1, 5, 0};
    auto c = TestFixture::record(event);
    c.satisfied = true;
    c.retire();
    EXPECT_EQ(event.flag, TypeParam::has_sdma_event_record ? 0u : 1u);
    EXPECT_EQ(event.sq_tail, TypeParam::has_sdma_event_record ? 0u : 5u);
}

// The engine hands a record over by its flag and takes it back by the channel's tail; between the
// two, the record's other fields change hands plainly.
TYPED_TEST(ConditionTest, a_record_goes_back_and_forth_between_engine_and_scheduler) {
    if constexpr (TypeParam::has_sdma_event_record) {
        constexpr uint32_t transfers = 200;
        alignas(8) pto::SdmaEventRecord event{};
        uint64_t channel = 0;
        std::jthread engine([&] {
            for (uint32_t i = 1; i <= transfers; ++i) {
                event.sq_tail = i;
                event.channel_info = address_of(&channel);
                std::atomic_ref<uint32_t>(event.flag).store(1, std::memory_order_release);
                const uint64_t tail = uint64_t{i} << 32 | i;
                std::atomic_ref<uint64_t> seen(channel);
                while (seen.load(std::memory_order_acquire) != tail) {
                    std::this_thread::yield();
                }
            }
        });
        for (uint32_t i = 1; i <= transfers; ++i) {
            auto c = TestFixture::record(event);
            while (c.test().state != pto::CompletionPollState::READY) {
                std::this_thread::yield();
            }
            c.satisfied = true;
            c.retire();
        }
    }
}

}  // namespace mailproof::test
