// Conditions on their own: what makes a counter or an event record ready, failed, retired.
//
// Included once by each platform's translation unit, after it has named TestedPlatform.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "src/runtime/completion_condition.h"
#include "tests/unit/rings.h"
#include "tests/unit/wait_list_rig.h"

namespace mailproof::test {

inline uint64_t address_of(const volatile void* object) {
    return reinterpret_cast<uintptr_t>(object);
}

template <class Platform>
class ConditionTest : public ::testing::Test {
  protected:
    using Condition = pto::CompletionCondition<Platform>;

    static Condition condition(int32_t type, uint64_t addr, uint32_t expected = 0,
                               uint64_t cookie = 0) {
        return Condition::of({pto::PTO2TaskId(1), addr, expected, 2, type, 0, cookie});
    }
    static Condition counter(uint64_t addr, uint32_t expected) {
        return condition(pto::COMPLETION_TYPE_COUNTER, addr, expected);
    }
    static Condition record(uint64_t addr, uint64_t cookie, uint32_t expected = 0) {
        return condition(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, addr, expected, cookie);
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
    const auto c =
        TestFixture::Condition::of({pto::PTO2TaskId(1), address_of(&word), 3, 4, 0, 0, 5});
    EXPECT_EQ(c.engine, 4u);
    EXPECT_EQ(c.completion_type, 0);
    EXPECT_EQ(c.addr, address_of(&word));
    EXPECT_EQ(c.expected_value, 3u);
    EXPECT_EQ(c.backend_cookie, 5u);
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

TYPED_TEST(ConditionTest, a_type_without_a_backend_has_nothing_to_give_back) {
    auto c = TestFixture::condition(-1, 0);
    c.satisfied = true;
    c.retire();
    EXPECT_TRUE(c.retired);
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

TYPED_TEST(ConditionTest, a_counter_has_no_use_for_a_cookie) {
    uint32_t word = 1;
    TestFixture::expect_ready(
        TestFixture::condition(pto::COMPLETION_TYPE_COUNTER, address_of(&word), 1, ~uint64_t{0}));
}

// ----- SDMA event records -------------------------------------------------------------------

TYPED_TEST(ConditionTest, a_record_is_ready_from_its_cookie_on) {
    uint64_t word = 6;
    const auto c = TestFixture::record(address_of(&word), 7);
    TestFixture::expect_pending(c);
    word = 7;
    TestFixture::expect_ready(c);
    word = 8;
    TestFixture::expect_ready(c);
}

TYPED_TEST(ConditionTest, records_are_compared_unsigned_and_with_all_64_bits) {
    uint64_t word = 0xFFFFFFFF;
    TestFixture::expect_pending(TestFixture::record(address_of(&word), uint64_t{1} << 32));
    word = uint64_t{1} << 32;
    TestFixture::expect_ready(TestFixture::record(address_of(&word), 0xFFFFFFFF));
    TestFixture::expect_pending(TestFixture::record(address_of(&word), uint64_t{1} << 63));
    word = uint64_t{1} << 63;
    TestFixture::expect_ready(TestFixture::record(address_of(&word), 1));
}

TYPED_TEST(ConditionTest, a_record_has_no_use_for_an_expected_value) {
    uint64_t word = 5;
    TestFixture::expect_ready(TestFixture::record(address_of(&word), 5, 6));
    TestFixture::expect_pending(TestFixture::record(address_of(&word), 6, 5));
}

TYPED_TEST(ConditionTest, a_record_must_be_aligned_to_8_bytes) {
    alignas(8) std::array<uint32_t, 8> words;
    words.fill(1);
    const uint64_t base = address_of(words.data());
    for (const uint64_t offset : {1u, 2u, 3u, 4u, 5u, 6u, 7u}) {
        TestFixture::expect_failed(TestFixture::record(base + offset, 1));
    }
    TestFixture::expect_ready(TestFixture::record(base + 8, 1));
}

TYPED_TEST(ConditionTest, a_null_record_fails) {
    TestFixture::expect_failed(TestFixture::record(0, 1));
}

TYPED_TEST(ConditionTest, a_record_without_a_cookie_fails) {
    for (uint64_t word : {uint64_t{0}, ~uint64_t{0}}) {
        TestFixture::expect_failed(TestFixture::record(address_of(&word), 0));
    }
}

TYPED_TEST(ConditionTest, conditions_that_share_a_record_hold_one_after_the_other) {
    uint64_t word = 1;
    auto first = TestFixture::record(address_of(&word), 1);
    const auto second = TestFixture::record(address_of(&word), 2);
    TestFixture::expect_ready(first);
    TestFixture::expect_pending(second);
    first.satisfied = true;
    first.retire();
    EXPECT_TRUE(first.retired);
    EXPECT_EQ(word, 1u) << "the other condition still waits for it";
    word = 2;
    TestFixture::expect_ready(second);
}

TYPED_TEST(ConditionTest, a_ready_record_makes_the_engines_data_visible) {
    uint64_t word = 0;
    uint64_t data = 0;
    const auto c = TestFixture::record(address_of(&word), 3);
    std::jthread engine([&] {
        data = 42;
        std::atomic_ref<uint64_t>(word).store(3, std::memory_order_release);
    });
    while (c.test().state != pto::CompletionPollState::READY) {
        std::this_thread::yield();
    }
    EXPECT_EQ(data, 42u);
}

// ----- what a backend does ----------------------------------------------------------------------

/// The platform with one more completion type, whose backend counts what it is asked, and with
/// caches that write down which bytes they are told of.
template <class Base>
struct PlatformWithLock : Base {
    static constexpr int32_t type_lock = 2;

    struct Asked {
        int polls = 0;
        int retirements = 0;
        std::vector<std::pair<uint64_t, size_t>> invalidated;
    };
    static Asked& asked() {
        static Asked asked;
        return asked;
    }

    using Condition = pto::CompletionCondition<PlatformWithLock>;

    /// Holds while the lock at `addr` has the cookie's owner.
    static pto::CompletionPollResult poll_lock(const Condition& condition) noexcept {
        ++asked().polls;
        const bool holds =
            *reinterpret_cast<const uint64_t*>(condition.addr) == condition.backend_cookie;
        return {holds ? pto::CompletionPollState::READY : pto::CompletionPollState::PENDING, 0};
    }
    /// Opens the lock.
    static void retire_lock(Condition& condition) noexcept {
        ++asked().retirements;
        *reinterpret_cast<uint64_t*>(condition.addr) = 0;
    }
    static void cache_invalidate_range(const void* begin, size_t size) noexcept {
        asked().invalidated.emplace_back(address_of(begin), size);
    }

    template <class Self>
    static constexpr pto::CompletionBackendOps<Self> completion_backends[] = {
        pto::counter_backend<Self>, pto::event_record_backend<Self>, {&poll_lock, &retire_lock}};
};

template <class Base>
class BackendTest : public ::testing::Test {
  protected:
    using Platform = PlatformWithLock<Base>;
    using Condition = typename Platform::Condition;

    BackendTest() { Platform::asked() = {}; }

    static void push_lock(WaitListRig<Platform>& rig, const Task<Platform>& task,
                          const uint64_t& lock) {
        ASSERT_TRUE(rig.mailbox.try_push_condition(task.token(), address_of(&lock), owner, 0, 0,
                                                   Platform::type_lock));
    }

    static constexpr uint64_t owner = 77;

    const std::unique_ptr<WaitListRig<Platform>> shared_rig =
        std::make_unique<WaitListRig<Platform>>();
    typename Platform::Asked& shared_asked = Platform::asked();
};

TYPED_TEST_SUITE(BackendTest, ::testing::Types<TestedPlatform>, PlatformName);

TYPED_TEST(BackendTest, a_platform_adds_a_type_by_an_entry_of_its_table) {
    auto& rig = *this->shared_rig;
    const auto& asked = this->shared_asked;
    uint64_t lock = 0;
    auto& task = rig.add_task();
    TestFixture::push_lock(rig, task, lock);
    EXPECT_EQ(rig.poll().error_code, 0);
    EXPECT_EQ(asked.polls, 1);
    EXPECT_EQ(asked.retirements, 0) << "it does not hold yet";
    lock = TestFixture::owner;
    rig.poll();
    EXPECT_EQ(asked.polls, 2);
    EXPECT_EQ(asked.retirements, 1);
    EXPECT_EQ(lock, 0u);
    rig.poll();
    rig.push_done(task);
    EXPECT_EQ(rig.poll().completed, 1) << "what held once needs no second look";
    EXPECT_EQ(asked.polls, 2);
    EXPECT_EQ(asked.retirements, 1);
}

TYPED_TEST(BackendTest, a_full_list_retires_what_its_visit_finds_and_the_next_poll_does_not) {
    auto& rig = *this->shared_rig;
    const auto& asked = this->shared_asked;
    uint64_t lock = TestFixture::owner;
    auto& first = rig.add_task();
    TestFixture::push_lock(rig, first, lock);
    uint32_t counter = 0;
    rig.push_waiting_tasks(63, counter);
    rig.push_condition(rig.add_task(), counter);
    EXPECT_EQ(rig.drain().error, 102) << "the visit frees no entry";
    EXPECT_EQ(asked.retirements, 1);
    EXPECT_TRUE(rig.entry_of(first)->conditions[0].retired);
    rig.poll();
    EXPECT_EQ(asked.retirements, 1);
}

TYPED_TEST(BackendTest, a_second_retirement_does_nothing) {
    uint64_t lock = TestFixture::owner;
    auto condition =
        TestFixture::Condition::of({pto::PTO2TaskId(1), address_of(&lock), 0, 0,
                                    TestFixture::Platform::type_lock, 0, TestFixture::owner});
    EXPECT_EQ(condition.test().state, pto::CompletionPollState::READY);
    condition.satisfied = true;
    condition.retire();
    condition.retire();
    EXPECT_EQ(this->shared_asked.retirements, 1);
}

TYPED_TEST(BackendTest, a_poll_discards_exactly_the_bytes_that_it_reads) {
    using Bytes = std::vector<std::pair<uint64_t, size_t>>;
    alignas(8) std::array<uint32_t, 4> words{};
    const uint64_t address = address_of(words.data());
    const auto bytes_polled = [&](int32_t type, uint64_t addr) {
        this->shared_asked.invalidated.clear();
        TestFixture::Condition::of({pto::PTO2TaskId(1), addr, 1, 0, type, 0, 1}).test();
        return this->shared_asked.invalidated;
    };
    EXPECT_EQ(bytes_polled(pto::COMPLETION_TYPE_COUNTER, address + 4), (Bytes{{address + 4, 4}}));
    EXPECT_EQ(bytes_polled(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, address + 8),
              (Bytes{{address + 8, 8}}));
    EXPECT_EQ(bytes_polled(pto::COMPLETION_TYPE_COUNTER, 0), Bytes{});
    EXPECT_EQ(bytes_polled(pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, address + 4), Bytes{});
}

TYPED_TEST(ConditionTest, a_record_is_tested_without_a_condition_as_with_one) {
    using enum pto::CompletionPollState;
    alignas(8) uint64_t record = 6;
    const uint64_t address = address_of(&record);
    EXPECT_EQ(pto::poll_sdma_post_done_record<TypeParam>(address, 7).state, PENDING);
    record = 7;
    EXPECT_EQ(pto::poll_sdma_post_done_record<TypeParam>(address, 7).state, READY);
    const uint64_t without_record = 0;
    EXPECT_EQ(pto::poll_sdma_post_done_record<TypeParam>(without_record, 7).state, FAILED);
    EXPECT_EQ(pto::poll_sdma_post_done_record<TypeParam>(address, 0).error_code, 101);
}

}  // namespace mailproof::test
