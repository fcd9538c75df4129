// The wait list on one thread: what every message does to the entries, what a poll does with them,
// and what every error leaves.
//
// Included once by each platform's translation unit, after it has named TestedPlatform.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "tests/unit/wait_list_rig.h"

namespace mailproof::test {

template <class Platform>
class WaitListTest : public ::testing::Test {
  protected:
    using Rig = WaitListRig<Platform>;
    using Slots = typename Rig::Slots;

    const std::unique_ptr<Rig> shared_rig = std::make_unique<Rig>();
};

TYPED_TEST_SUITE(WaitListTest, ::testing::Types<TestedPlatform>, PlatformName);

// ----- the lock ------------------------------------------------------------------------------

TYPED_TEST(WaitListTest, the_lock_has_one_holder) {
    auto& list = this->shared_rig->list;
    EXPECT_TRUE(list.try_lock());
    EXPECT_EQ(list.busy.load(), 1);
    EXPECT_FALSE(list.try_lock());
    list.unlock();
    EXPECT_EQ(list.busy.load(), 0);
    EXPECT_TRUE(list.try_lock());
    list.unlock();
}

TYPED_TEST(WaitListTest, a_poll_that_finds_the_lock_held_does_nothing_at_all) {
    auto& rig = *this->shared_rig;
    rig.push_done(rig.add_task());
    ASSERT_TRUE(rig.list.try_lock());
    const auto result = rig.poll();
    EXPECT_EQ(result.completed, 0);
    EXPECT_EQ(result.error_code, 0);
    EXPECT_EQ(result.failed_slot_state, nullptr);
    EXPECT_EQ(rig.left_in_mailbox(), 1u);
    EXPECT_TRUE(rig.scheduler.completed.empty());
    EXPECT_EQ(rig.list.busy.load(), 1) << "it released a lock that it did not hold";
    rig.list.unlock();
    EXPECT_EQ(rig.poll().completed, 1);
}

TYPED_TEST(WaitListTest, a_poll_reports_no_sticky_error_while_the_lock_is_held) {
    auto& rig = *this->shared_rig;
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.poll().error_code, 103);
    ASSERT_TRUE(rig.list.try_lock());
    EXPECT_EQ(rig.poll().error_code, 0);
    rig.list.unlock();
    EXPECT_EQ(rig.poll().error_code, 103);
}

TYPED_TEST(WaitListTest, every_poll_gives_the_lock_back) {
    auto& rig = *this->shared_rig;
    rig.poll();
    EXPECT_EQ(rig.list.busy.load(), 0);
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.poll().error_code, 103);
    EXPECT_EQ(rig.list.busy.load(), 0);
    EXPECT_EQ(rig.poll().error_code, 103);
    EXPECT_EQ(rig.list.busy.load(), 0);
}

// ----- drain: conditions ---------------------------------------------------------------------

TYPED_TEST(WaitListTest, draining_nothing_takes_nothing) {
    const auto drained = this->shared_rig->drain();
    EXPECT_EQ(drained.taken, 0);
    EXPECT_EQ(drained.error, 0) << "a clean drain writes PTO2_ERROR_NONE";
    EXPECT_EQ(this->shared_rig->drain_without_sink().error, 0);
}

TYPED_TEST(WaitListTest, a_condition_on_an_unknown_token_makes_an_entry_without_a_slot) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    uint32_t& counter = rig.add_counter();
    ASSERT_TRUE(rig.mailbox.try_push_condition(task.token(), address_of(&counter), 7, 3, 0));
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 1);
    EXPECT_EQ(drained.error, 0);
    EXPECT_EQ(drained.completed, 0);
    ASSERT_EQ(rig.waiting(), 1);
    auto* entry = rig.entry_of(task);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->slot_state, nullptr);
    EXPECT_EQ(entry->task_token, task.token());
    EXPECT_FALSE(entry->normal_done);
    EXPECT_EQ(entry->condition_count, 1);
    EXPECT_EQ(entry->waiting_completion_count, 1);
    EXPECT_EQ(entry->conditions[0].addr, address_of(&counter));
    EXPECT_EQ(entry->conditions[0].counter_addr, &counter);
    EXPECT_EQ(entry->conditions[0].expected_value, 7u);
    EXPECT_EQ(entry->conditions[0].engine, 3u);
    EXPECT_EQ(entry->conditions[0].completion_type, 0);
    EXPECT_FALSE(entry->conditions[0].satisfied);
    EXPECT_FALSE(entry->conditions[0].retired);
}

TYPED_TEST(WaitListTest, two_conditions_are_appended_in_order) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition_at(task, 1000, 10);
    rig.push_condition_at(task, 2000, 20, 5);
    EXPECT_EQ(rig.drain().taken, 2);
    ASSERT_EQ(rig.waiting(), 1);
    auto* entry = rig.entry_of(task);
    ASSERT_NE(entry, nullptr);
    ASSERT_EQ(entry->condition_count, 2);
    EXPECT_EQ(entry->waiting_completion_count, 2);
    EXPECT_EQ(entry->conditions[0].addr, 1000u);
    EXPECT_EQ(entry->conditions[0].expected_value, 10u);
    EXPECT_EQ(entry->conditions[1].addr, 2000u);
    EXPECT_EQ(entry->conditions[1].expected_value, 20u);
    EXPECT_EQ(entry->conditions[1].completion_type, 5);
    EXPECT_EQ(entry->conditions[1].counter_addr, nullptr);
}

TYPED_TEST(WaitListTest, conditions_find_their_task_among_others) {
    auto& rig = *this->shared_rig;
    auto& a = rig.add_task();
    auto& b = rig.add_task();
    rig.push_condition_at(a, 4, 1);
    rig.push_condition_at(b, 8, 2);
    rig.push_condition_at(a, 12, 3);
    rig.drain();
    EXPECT_EQ(rig.waiting(), 2);
    EXPECT_EQ(rig.entry_of(a)->condition_count, 2);
    EXPECT_EQ(rig.entry_of(a)->conditions[1].addr, 12u);
    EXPECT_EQ(rig.entry_of(b)->condition_count, 1);
    EXPECT_EQ(rig.list.find_entry_by_token(12345), nullptr);
}

TYPED_TEST(WaitListTest, a_drain_stops_at_the_first_unpublished_ticket) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition_at(task, 4);
    uint64_t gap = 0;
    ASSERT_EQ(rig.mailbox.try_claim(1, gap), 1u);
    rig.push_condition_at(task, 12);
    EXPECT_EQ(rig.drain().taken, 1);
    EXPECT_EQ(rig.drain().taken, 0);
    rig.mailbox.publish(gap, {task.token(), 8, 1, 0, 0, 0});
    EXPECT_EQ(rig.drain().taken, 2);
    EXPECT_EQ(rig.entry_of(task)->conditions[1].addr, 8u);
    EXPECT_EQ(rig.entry_of(task)->conditions[2].addr, 12u);
}

TYPED_TEST(WaitListTest, one_drain_empties_a_full_mailbox) {
    auto& rig = *this->shared_rig;
    for (int i = 0; i < 4096; ++i) {
        rig.push_done(rig.add_task());
    }
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 4096);
    EXPECT_EQ(drained.completed, 4096);
    EXPECT_EQ(rig.left_in_mailbox(), 0u);
}

TYPED_TEST(WaitListTest, a_null_mailbox_drains_nothing) {
    auto& rig = *this->shared_rig;
    typename TestFixture::Rig::Sink sink{&rig.scheduler};
    int32_t error = -1;
    ASSERT_TRUE(rig.list.try_lock());
    EXPECT_EQ(rig.list.drain_aicore_completion_mailbox_locked(nullptr, sink, error), 0);
    EXPECT_EQ(error, 0);
    error = -1;
    EXPECT_EQ(rig.list.drain_aicore_completion_mailbox_locked(nullptr, error), 0);
    EXPECT_EQ(error, 0);
    rig.list.unlock();
}

TYPED_TEST(WaitListTest, a_poll_without_a_mailbox_still_visits_the_entries) {
    auto& rig = *this->shared_rig;
    rig.push_waiting_tasks(1, rig.add_counter(1));
    rig.drain();
    int32_t unused_count = 0;
    const auto result = rig.list.template poll_and_complete<false>(nullptr, &rig.scheduler, nullptr,
                                                                   nullptr, unused_count, 0);
    EXPECT_EQ(result.completed, 1);
    EXPECT_EQ(result.error_code, 0);
    EXPECT_EQ(rig.waiting(), 0);
}

// ----- drain: NORMAL_DONE ----------------------------------------------------------------------

TYPED_TEST(WaitListTest, a_lone_normal_done_with_an_empty_sink_becomes_a_ready_entry) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    typename TestFixture::Rig::Sink empty;
    EXPECT_FALSE(empty.can_inline_complete());
    const auto drained = rig.drain_into(empty);
    EXPECT_EQ(drained.taken, 1);
    EXPECT_EQ(drained.error, 0);
    EXPECT_EQ(drained.completed, 0);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_PENDING);
    auto* entry = rig.entry_of(task);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->slot_state, &task.slot);
    EXPECT_TRUE(entry->normal_done);
    EXPECT_EQ(entry->condition_count, 0);
    EXPECT_EQ(entry->waiting_completion_count, 0);

    EXPECT_EQ(rig.poll().completed, 1);
    EXPECT_EQ(rig.waiting(), 0);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_COMPLETED);
}

TYPED_TEST(WaitListTest, a_lone_normal_done_without_a_sink_becomes_a_ready_entry) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    EXPECT_EQ(rig.drain_without_sink().taken, 1);
    ASSERT_NE(rig.entry_of(task), nullptr);
    EXPECT_TRUE(rig.entry_of(task)->normal_done);
    EXPECT_EQ(rig.poll().completed, 1);
}

TYPED_TEST(WaitListTest, a_lone_normal_done_completes_its_task_through_the_sink) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 1);
    EXPECT_EQ(drained.error, 0);
    EXPECT_EQ(drained.completed, 1);
    EXPECT_EQ(rig.waiting(), 0);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_COMPLETED);
    const typename TestFixture::Slots once{&task.slot};
    EXPECT_EQ(rig.scheduler.completed, once);
    EXPECT_EQ(rig.scheduler.released, once);
}

TYPED_TEST(WaitListTest, a_slot_without_a_descriptor_completes_under_any_token) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    task.slot.task = nullptr;
    rig.push_done(pto::PTO2TaskId(0xABCDEF), task.slot_address());
    EXPECT_EQ(rig.drain().completed, 1);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_COMPLETED);
}

TYPED_TEST(WaitListTest, a_normal_done_on_an_existing_entry_binds_its_slot) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition(task, rig.add_counter());
    rig.drain();
    rig.push_done(task);
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 1);
    EXPECT_EQ(drained.completed, 0) << "its condition is still open";
    EXPECT_EQ(rig.waiting(), 1);
    auto* entry = rig.entry_of(task);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->slot_state, &task.slot);
    EXPECT_TRUE(entry->normal_done);
    EXPECT_EQ(entry->waiting_completion_count, 1);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_PENDING);
}

// ----- drain: registrations ------------------------------------------------------------------

TYPED_TEST(WaitListTest, a_registration_makes_a_whole_entry) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    const auto entries = numbered_entries(0, 5);
    ASSERT_TRUE(
        rig.mailbox.try_push_registration(task.token(), task.slot_address(), entries.data(), 5));
    const auto drained = rig.drain_without_sink();
    EXPECT_EQ(drained.taken, 3) << "it counts as its slots";
    EXPECT_EQ(drained.error, 0);
    ASSERT_EQ(rig.waiting(), 1);
    auto* entry = rig.entry_of(task);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->slot_state, &task.slot);
    EXPECT_TRUE(entry->normal_done);
    EXPECT_EQ(entry->condition_count, 5);
    EXPECT_EQ(entry->waiting_completion_count, 5);
    for (uint32_t i = 0; i < 5; ++i) {
        const auto& condition = entry->conditions[i];
        EXPECT_EQ(condition.addr, entries[i].addr);
        EXPECT_EQ(condition.backend_cookie, entries[i].backend_cookie);
        EXPECT_EQ(condition.expected_value, entries[i].expected_value);
        EXPECT_EQ(condition.engine, entries[i].engine);
        EXPECT_EQ(condition.completion_type, entries[i].completion_type);
        EXPECT_FALSE(condition.satisfied || condition.retired);
    }
}

TYPED_TEST(WaitListTest, a_registered_task_completes_once_its_conditions_hold) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    uint32_t& counter = rig.add_counter();
    rig.push_registration(task, counter, 64);
    EXPECT_EQ(rig.poll().completed, 0);
    counter = 1;
    EXPECT_EQ(rig.poll().completed, 1);
    EXPECT_EQ(rig.scheduler.completed, typename TestFixture::Slots{&task.slot});
    EXPECT_EQ(rig.waiting(), 0);
    auto& next = rig.add_task();
    rig.push_registration(next, counter, 2);
    EXPECT_EQ(rig.poll().completed, 1) << "in the same place";
}

TYPED_TEST(WaitListTest, a_registration_without_its_slot_is_refused) {
    for (const int64_t offset : {int64_t{0}, int64_t{8}}) {
        typename TestFixture::Rig rig;
        auto& task = rig.add_task();
        const uint64_t slot = offset == 0 ? 0 : task.slot_address() + 8;
        rig.push_registration(task.token(), slot, rig.add_counter(), 2);
        EXPECT_EQ(rig.poll().error_code, 103);
        EXPECT_EQ(rig.waiting(), 0);
    }
}

TYPED_TEST(WaitListTest, a_registration_for_another_tasks_slot_is_refused) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_registration(task.token(), rig.add_task().slot_address(), rig.add_counter(), 2);
    EXPECT_EQ(rig.poll().error_code, 103);
    EXPECT_EQ(rig.waiting(), 0);
}

TYPED_TEST(WaitListTest, a_registration_for_a_slot_that_is_not_pending_is_refused) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    task.slot.task_state.store(pto::PTO2_TASK_COMPLETED);
    rig.push_registration(task, rig.add_counter(), 2);
    EXPECT_EQ(rig.poll().error_code, 103);
}

TYPED_TEST(WaitListTest, a_registration_of_more_conditions_than_a_task_can_have_is_refused) {
    auto& rig = *this->shared_rig;
    const uint64_t ticket = rig.mailbox.head.load();
    rig.push_registration(rig.add_task(), rig.add_counter(), 64);
    rig.mailbox.entries[ticket & (rig.mailbox.capacity - 1)].condition_count = 65;
    EXPECT_EQ(rig.poll().error_code, 103);
    EXPECT_EQ(rig.waiting(), 0);
}

TYPED_TEST(WaitListTest, a_registration_of_a_task_that_is_listed_is_refused) {
    for (const int before : {0, 1, 2}) {
        typename TestFixture::Rig rig;
        auto& task = rig.add_task();
        uint32_t& counter = rig.add_counter();
        rig.add_task();
        if (before == 0) {
            rig.push_registration(task, counter, 2);
        } else {
            rig.push_condition(task, counter);
        }
        if (before == 2) {
            rig.push_done(task);
        }
        rig.push_registration(task, counter, 2);
        EXPECT_EQ(rig.poll().error_code, 103) << before;
        EXPECT_EQ(rig.waiting(), 1);
    }
}

// The search for such an entry is left out while every listed task has its NORMAL_DONE.
TYPED_TEST(WaitListTest, a_listed_task_is_found_after_others_have_come_and_gone) {
    for (const bool is_reset : {true, false}) {
        typename TestFixture::Rig rig;
        uint32_t& counter = rig.add_counter();
        rig.push_registration(rig.add_task(), counter, 1);
        EXPECT_EQ(rig.poll().completed, 0);
        if (is_reset) {
            rig.list.reset_for_reuse();
        } else {
            counter = 1;
            EXPECT_EQ(rig.poll().completed, 1);
        }
        auto& task = rig.add_task();
        rig.push_condition(task, counter, 2);
        rig.push_registration(task, counter, 1, 2);
        EXPECT_EQ(rig.poll().error_code, 103) << is_reset;
    }
}

// As a runtime's unit tests make them.
TYPED_TEST(WaitListTest, an_entry_that_was_made_by_hand_is_one_like_any_other) {
    for (const bool is_registered : {true, false}) {
        typename TestFixture::Rig rig;
        auto& task = rig.add_task();
        rig.list.entries[0] = {};
        rig.list.entries[0].task_token = task.token();
        rig.list.count = 1;
        if (is_registered) {
            rig.push_registration(task, rig.add_counter(), 1);
            EXPECT_EQ(rig.poll().error_code, 103);
            EXPECT_EQ(rig.waiting(), 1);
        } else {
            rig.push_done(task);
            EXPECT_EQ(rig.poll().completed, 1);
            EXPECT_EQ(rig.waiting(), 0);
        }
    }
}

TYPED_TEST(WaitListTest, a_registered_task_takes_no_further_message) {
    for (const bool is_condition : {true, false}) {
        typename TestFixture::Rig rig;
        auto& task = rig.add_task();
        uint32_t& counter = rig.add_counter();
        rig.push_registration(task, counter, 2);
        if (is_condition) {
            rig.push_condition(task, counter);
        } else {
            rig.push_done(task);
        }
        EXPECT_EQ(rig.poll().error_code, 103);
    }
}

TYPED_TEST(WaitListTest, a_registration_needs_an_entry_like_any_other_message) {
    auto& rig = *this->shared_rig;
    uint32_t& counter = rig.add_counter();
    for (int i = 0; i < 64; ++i) {
        rig.push_registration(rig.add_task(), counter, 1);
    }
    EXPECT_EQ(rig.drain().error, 0);
    EXPECT_EQ(rig.waiting(), 64);
    rig.push_registration(rig.add_task(), counter, 3);
    counter = 1;
    EXPECT_EQ(rig.drain().completed, 64) << "a visit made room";
    EXPECT_EQ(rig.waiting(), 1);
    counter = 0;
    for (int i = 0; i < 64; ++i) {
        rig.push_registration(rig.add_task(), counter, 2);
    }
    EXPECT_EQ(rig.drain_without_sink().error, 102);
    EXPECT_EQ(rig.waiting(), 64);
}

TYPED_TEST(WaitListTest, inline_completion_happens_once_and_needs_a_scheduler) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    typename TestFixture::Rig::Sink empty;
    ASSERT_TRUE(rig.list.try_lock());
    EXPECT_FALSE(rig.list.try_inline_complete_locked(empty, task.slot));
    EXPECT_EQ(task.state(), pto::PTO2_TASK_PENDING);
    EXPECT_EQ(empty.inline_completed, 0);

    typename TestFixture::Rig::Sink sink{&rig.scheduler};
    EXPECT_TRUE(rig.list.try_inline_complete_locked(sink, task.slot));
    EXPECT_FALSE(rig.list.try_inline_complete_locked(sink, task.slot));
    EXPECT_EQ(sink.inline_completed, 1);
    EXPECT_EQ(rig.scheduler.completed.size(), 1u);
    task.slot.task_state.store(pto::PTO2_TASK_CONSUMED);
    EXPECT_FALSE(rig.list.try_inline_complete_locked(sink, task.slot));
    EXPECT_EQ(task.state(), pto::PTO2_TASK_CONSUMED);
    rig.list.unlock();
}

// ----- malformed messages ----------------------------------------------------------------------

TYPED_TEST(WaitListTest, an_unknown_kind_is_refused) {
    for (const uint32_t kind : {2u, 3u, 255u, 0x80000000u, ~0u}) {
        typename TestFixture::Rig rig;
        rig.push_kind(1, kind);
        const auto drained = rig.drain();
        EXPECT_EQ(drained.taken, 1);
        EXPECT_EQ(drained.error, 103);
        EXPECT_EQ(rig.waiting(), 0);
        EXPECT_EQ(rig.list.error_code.load(), 103);
    }
}

TYPED_TEST(WaitListTest, a_normal_done_without_a_slot_is_refused) {
    auto& rig = *this->shared_rig;
    rig.push_done(rig.add_task().token(), 0);
    EXPECT_EQ(rig.drain().error, 103);
    EXPECT_EQ(rig.waiting(), 0);
}

TYPED_TEST(WaitListTest, a_normal_done_with_a_misaligned_slot_is_refused) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task.token(), reinterpret_cast<uintptr_t>(&task.slot) + 8);
    EXPECT_EQ(rig.drain().error, 103);
    EXPECT_EQ(rig.waiting(), 0);
}

TYPED_TEST(WaitListTest, a_normal_done_without_a_slot_is_refused_for_a_waiting_task_too) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition(task, rig.add_counter());
    rig.push_done(task.token(), 0);
    EXPECT_EQ(rig.drain().error, 103);
    EXPECT_FALSE(rig.entry_of(task)->normal_done);
}

TYPED_TEST(WaitListTest, a_normal_done_for_another_tasks_slot_is_refused) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(pto::PTO2TaskId(task.token() + 1), task.slot_address());
    const auto drained = rig.drain();
    EXPECT_EQ(drained.error, 103);
    EXPECT_EQ(drained.completed, 0);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_PENDING);
    EXPECT_TRUE(rig.scheduler.completed.empty());
}

TYPED_TEST(WaitListTest, a_normal_done_for_another_tasks_slot_is_refused_without_a_sink_too) {
    auto& rig = *this->shared_rig;
    auto& waiting = rig.add_task();
    auto& other = rig.add_task();
    rig.push_condition(waiting, rig.add_counter());
    rig.push_done(waiting.token(), other.slot_address());
    EXPECT_EQ(rig.drain_without_sink().error, 103);
    EXPECT_EQ(rig.entry_of(waiting)->slot_state, nullptr);
}

TYPED_TEST(WaitListTest, a_condition_after_its_tasks_normal_done_is_refused) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition(task, rig.add_counter());
    rig.push_done(task);
    rig.push_condition(task, rig.add_counter());
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 3);
    EXPECT_EQ(drained.error, 103);
    EXPECT_EQ(rig.entry_of(task)->condition_count, 1);
}

TYPED_TEST(WaitListTest, a_second_normal_done_is_refused_while_the_task_waits) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition(task, rig.add_counter());
    rig.push_done(task);
    rig.push_done(task);
    EXPECT_EQ(rig.drain().error, 103);
    EXPECT_EQ(rig.waiting(), 1);
}

TYPED_TEST(WaitListTest, a_second_normal_done_is_refused_for_a_ready_entry) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    rig.push_done(task);
    EXPECT_EQ(rig.drain_without_sink().error, 103);
    EXPECT_EQ(rig.waiting(), 1);
}

TYPED_TEST(WaitListTest, a_second_normal_done_is_refused_after_completion) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    rig.push_done(task);
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 2);
    EXPECT_EQ(drained.error, 103);
    EXPECT_EQ(drained.completed, 1) << "what completed before the error counts";
    EXPECT_EQ(rig.scheduler.completed.size(), 1u);
    EXPECT_EQ(rig.scheduler.released.size(), 1u);
}

TYPED_TEST(WaitListTest, a_normal_done_for_a_slot_that_is_not_pending_is_refused) {
    for (const int32_t state : {pto::PTO2_TASK_COMPLETED, pto::PTO2_TASK_CONSUMED, 3, -1}) {
        for (const bool with_scheduler : {true, false}) {
            typename TestFixture::Rig rig;
            auto& task = rig.add_task();
            task.slot.task_state.store(state);
            rig.push_done(task);
            EXPECT_EQ((with_scheduler ? rig.drain() : rig.drain_without_sink()).error, 103);
            EXPECT_EQ(rig.waiting(), 0);
            EXPECT_EQ(task.state(), state);
            EXPECT_TRUE(rig.scheduler.completed.empty());
        }
    }
}

TYPED_TEST(WaitListTest, a_late_condition_of_a_completed_task_makes_an_entry) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    rig.push_condition(task, rig.add_counter());
    EXPECT_EQ(rig.drain().error, 0);
    EXPECT_EQ(rig.waiting(), 1) << "it must not vanish: the run ends with 103 because of it";
}

// A ready entry's task completed elsewhere in the meantime: the compare-exchange decides.
TYPED_TEST(WaitListTest, a_waiting_task_that_was_completed_elsewhere_is_an_error) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    rig.drain_without_sink();
    task.slot.task_state.store(pto::PTO2_TASK_COMPLETED);
    const auto result = rig.poll();
    EXPECT_EQ(result.error_code, 103);
    EXPECT_EQ(result.completed, 0);
    EXPECT_EQ(result.failed_slot_state, &task.slot);
    EXPECT_EQ(rig.waiting(), 1);
    EXPECT_TRUE(rig.scheduler.completed.empty());
}

// ----- bounds ----------------------------------------------------------------------------------

TYPED_TEST(WaitListTest, the_64th_condition_of_a_task_fits_and_the_65th_is_refused) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_conditions(task, rig.add_counter(), 64);
    EXPECT_EQ(rig.drain().error, 0);
    EXPECT_EQ(rig.entry_of(task)->condition_count, 64);
    EXPECT_EQ(rig.entry_of(task)->waiting_completion_count, 64);
    rig.push_condition(task, rig.add_counter());
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 1);
    EXPECT_EQ(drained.error, 103);
    EXPECT_EQ(rig.entry_of(task)->condition_count, 64);
    EXPECT_EQ(rig.entry_of(task)->waiting_completion_count, 64);
}

TYPED_TEST(WaitListTest, the_bound_is_over_all_slabs_of_a_task) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    const auto slab = numbered_entries(0, 40);
    // Two subtasks, each with a slab of 40, with another task's conditions in between.
    ASSERT_EQ(rig.mailbox.try_push_conditions(task.token(), slab.data(), 40), 40u);
    auto& other = rig.add_task();
    ASSERT_EQ(rig.mailbox.try_push_conditions(other.token(), slab.data(), 40), 40u);
    ASSERT_EQ(rig.mailbox.try_push_conditions(task.token(), slab.data(), 40), 40u);
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 40 + 40 + 25) << "the 65th raises the error and is consumed";
    EXPECT_EQ(drained.error, 103);
    EXPECT_EQ(rig.left_in_mailbox(), 15u);
    EXPECT_EQ(rig.entry_of(task)->condition_count, 64);
    EXPECT_EQ(rig.entry_of(other)->condition_count, 40);
}

TYPED_TEST(WaitListTest, a_task_of_64_conditions_over_its_subtasks_completes) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    std::array<uint32_t, 64> counters{};
    for (uint32_t subtask = 0; subtask < 4; ++subtask) {
        for (uint32_t i = 0; i < 16; ++i) {
            rig.push_condition(task, counters[subtask * 16 + i], subtask + 1);
        }
        EXPECT_EQ(rig.poll().completed, 0);
    }
    rig.push_done(task);
    for (uint32_t i = 0; i < 64; ++i) {
        EXPECT_EQ(rig.poll().completed, 0) << "condition " << i << " is still open";
        EXPECT_EQ(rig.entry_of(task)->waiting_completion_count, static_cast<int32_t>(64 - i));
        counters[i] = i / 16 + 1;
    }
    EXPECT_EQ(rig.poll().completed, 1);
    EXPECT_EQ(rig.waiting(), 0);
}

TYPED_TEST(WaitListTest, the_64th_task_fits_and_the_65th_is_an_overflow) {
    auto& rig = *this->shared_rig;
    uint32_t& counter = rig.add_counter();
    rig.push_waiting_tasks(64, counter);
    EXPECT_EQ(rig.drain().error, 0);
    EXPECT_EQ(rig.waiting(), 64);
    rig.push_condition(rig.add_task(), counter);
    const auto drained = rig.drain();
    EXPECT_EQ(drained.taken, 1) << "the message that overflows is consumed";
    EXPECT_EQ(drained.error, 102);
    EXPECT_EQ(drained.completed, 0);
    EXPECT_EQ(rig.waiting(), 64);
}

TYPED_TEST(WaitListTest, a_full_list_still_takes_messages_of_its_own_tasks) {
    auto& rig = *this->shared_rig;
    uint32_t& counter = rig.add_counter();
    for (int i = 0; i < 64; ++i) {
        rig.push_condition(rig.add_task(), counter);
    }
    for (auto& task : rig.tasks) {
        rig.push_condition(task, counter);
        rig.push_done(task);
    }
    EXPECT_EQ(rig.drain().error, 0);
    EXPECT_EQ(rig.waiting(), 64);
    counter = 1;
    EXPECT_EQ(rig.poll().completed, 64);
}

TYPED_TEST(WaitListTest, a_full_list_still_completes_tasks_that_registered_nothing) {
    auto& rig = *this->shared_rig;
    rig.push_waiting_tasks(64, rig.add_counter());
    rig.push_done(rig.add_task());
    const auto drained = rig.drain();
    EXPECT_EQ(drained.error, 0);
    EXPECT_EQ(drained.completed, 1);
}

TYPED_TEST(WaitListTest, without_a_scheduler_the_65th_task_overflows_even_if_tasks_are_ready) {
    auto& rig = *this->shared_rig;
    uint32_t& ready = rig.add_counter(1);
    rig.push_waiting_tasks(64, ready);
    EXPECT_EQ(rig.drain_without_sink().error, 0);
    rig.push_condition(rig.add_task(), ready);
    EXPECT_EQ(rig.drain_without_sink().error, 102);
    EXPECT_EQ(rig.waiting(), 64);
    EXPECT_EQ(rig.tasks.front().state(), pto::PTO2_TASK_PENDING);
}

TYPED_TEST(WaitListTest, without_a_scheduler_the_65th_normal_done_overflows_too) {
    auto& rig = *this->shared_rig;
    for (int i = 0; i < 65; ++i) {
        rig.push_done(rig.add_task());
    }
    const auto drained = rig.drain_without_sink();
    EXPECT_EQ(drained.taken, 65);
    EXPECT_EQ(drained.error, 102);
    EXPECT_EQ(rig.waiting(), 64);
}

TYPED_TEST(WaitListTest, a_drain_with_a_scheduler_makes_room_for_the_65th_task) {
    auto& rig = *this->shared_rig;
    rig.push_waiting_tasks(63, rig.add_counter());
    auto& ready = rig.add_task();
    rig.push_condition(ready, rig.add_counter(1));
    rig.push_done(ready);
    auto& last = rig.add_task();
    rig.push_condition(last, rig.add_counter());
    const auto drained = rig.drain();
    EXPECT_EQ(drained.error, 0);
    EXPECT_EQ(drained.completed, 1);
    EXPECT_EQ(rig.waiting(), 64);
    EXPECT_EQ(rig.entry_of(ready), nullptr);
    ASSERT_NE(rig.entry_of(last), nullptr);
    EXPECT_EQ(rig.entry_of(last)->condition_count, 1);
}

TYPED_TEST(WaitListTest, a_visit_that_makes_room_may_find_an_error_instead) {
    auto& rig = *this->shared_rig;
    rig.push_waiting_tasks(63, rig.add_counter());
    auto& bad = rig.add_task();
    rig.push_condition_at(bad, 0);
    rig.push_done(bad);
    rig.push_condition(rig.add_task(), rig.add_counter());
    const auto result = rig.poll();
    EXPECT_EQ(result.error_code, 101);
    EXPECT_EQ(result.failed_slot_state, &bad.slot);
    EXPECT_EQ(rig.waiting(), 64);
    EXPECT_EQ(rig.list.error_code.load(), 101);
}

// ----- poll ------------------------------------------------------------------------------------

TYPED_TEST(WaitListTest, a_task_completes_once_its_condition_holds) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    uint32_t& counter = rig.add_counter();
    rig.push_condition(task, counter, 2);
    rig.push_done(task);
    EXPECT_EQ(rig.poll().completed, 0);
    counter = 1;
    EXPECT_EQ(rig.poll().completed, 0);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_PENDING);
    counter = 2;
    EXPECT_EQ(rig.poll().completed, 1);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_COMPLETED);
    EXPECT_EQ(rig.waiting(), 0);
    EXPECT_EQ(rig.poll().completed, 0);
    const typename TestFixture::Slots once{&task.slot};
    EXPECT_EQ(rig.scheduler.completed, once);
    EXPECT_EQ(rig.scheduler.released, once);
}

TYPED_TEST(WaitListTest, a_task_does_not_complete_before_its_normal_done) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition(task, rig.add_counter(1));
    EXPECT_EQ(rig.poll().completed, 0);
    ASSERT_NE(rig.entry_of(task), nullptr);
    EXPECT_TRUE(rig.entry_of(task)->conditions[0].satisfied) << "it is tested before that";
    EXPECT_EQ(rig.entry_of(task)->waiting_completion_count, 0);
    rig.push_done(task);
    EXPECT_EQ(rig.poll().completed, 1);
}

TYPED_TEST(WaitListTest, a_condition_that_held_once_holds_for_good) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    uint32_t& counter = rig.add_counter(1);
    rig.push_condition(task, counter);
    rig.poll();
    counter = 0;
    rig.push_done(task);
    EXPECT_EQ(rig.poll().completed, 1);
}

TYPED_TEST(WaitListTest, every_open_condition_is_tested_in_one_poll) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_condition(task, rig.add_counter(0));
    rig.push_condition(task, rig.add_counter(1));
    rig.push_condition(task, rig.add_counter(0));
    rig.push_condition(task, rig.add_counter(1));
    rig.poll();
    EXPECT_EQ(rig.entry_of(task)->waiting_completion_count, 2);
    EXPECT_FALSE(rig.entry_of(task)->conditions[0].satisfied);
    EXPECT_TRUE(rig.entry_of(task)->conditions[1].satisfied);
    EXPECT_TRUE(rig.entry_of(task)->conditions[1].retired);
    EXPECT_FALSE(rig.entry_of(task)->conditions[2].satisfied);
    EXPECT_FALSE(rig.entry_of(task)->conditions[2].retired);
    EXPECT_TRUE(rig.entry_of(task)->conditions[3].satisfied);
}

TYPED_TEST(WaitListTest, entries_are_visited_last_to_first) {
    auto& rig = *this->shared_rig;
    uint32_t& counter = rig.add_counter();
    rig.push_waiting_tasks(4, counter);
    rig.poll();
    counter = 1;
    EXPECT_EQ(rig.poll().completed, 4);
    const typename TestFixture::Slots backwards{&rig.tasks[3].slot, &rig.tasks[2].slot,
                                                &rig.tasks[1].slot, &rig.tasks[0].slot};
    EXPECT_EQ(rig.scheduler.completed, backwards);
}

TYPED_TEST(WaitListTest, a_removed_entry_is_replaced_by_the_last) {
    auto& rig = *this->shared_rig;
    std::array<uint32_t, 4> counters{};
    for (const uint32_t& counter : counters) {
        auto& task = rig.add_task();
        rig.push_condition(task, counter, 5);
        rig.push_condition(task, counter, 6);
        rig.push_done(task);
    }
    rig.poll();
    counters[1] = 6;
    EXPECT_EQ(rig.poll().completed, 1);
    ASSERT_EQ(rig.waiting(), 3);
    EXPECT_EQ(rig.entry_of(rig.tasks[1]), nullptr);
    EXPECT_EQ(rig.entry_of(rig.tasks[0]), &rig.list.entries[0]);
    EXPECT_EQ(rig.entry_of(rig.tasks[3]), &rig.list.entries[1]);
    EXPECT_EQ(rig.entry_of(rig.tasks[2]), &rig.list.entries[2]);

    const auto& moved = rig.list.entries[1];
    EXPECT_EQ(moved.slot_state, &rig.tasks[3].slot);
    EXPECT_TRUE(moved.normal_done);
    EXPECT_EQ(moved.condition_count, 2);
    EXPECT_EQ(moved.waiting_completion_count, 2);
    EXPECT_EQ(moved.conditions[0].expected_value, 5u);
    EXPECT_EQ(moved.conditions[1].expected_value, 6u);
    EXPECT_EQ(moved.conditions[1].counter_addr, &counters[3]);

    counters = {6, 6, 6, 6};
    EXPECT_EQ(rig.poll().completed, 3);
    EXPECT_EQ(rig.waiting(), 0);
}

TYPED_TEST(WaitListTest, an_entry_starts_clean_in_a_place_that_was_used) {
    auto& rig = *this->shared_rig;
    auto& first = rig.add_task();
    rig.push_conditions(first, rig.add_counter(1), 64);
    rig.push_done(first);
    EXPECT_EQ(rig.poll().completed, 1);
    auto& second = rig.add_task();
    rig.push_condition(second, rig.add_counter());
    rig.drain();
    EXPECT_EQ(rig.list.entries[0].slot_state, nullptr);
    EXPECT_FALSE(rig.list.entries[0].normal_done);
    EXPECT_EQ(rig.list.entries[0].condition_count, 1);
    EXPECT_EQ(rig.list.entries[0].waiting_completion_count, 1);
    EXPECT_FALSE(rig.list.entries[0].conditions[0].satisfied);
    EXPECT_FALSE(rig.list.entries[0].conditions[0].retired);
}

TYPED_TEST(WaitListTest, a_poll_counts_inline_and_listed_completions_together) {
    auto& rig = *this->shared_rig;
    rig.push_waiting_tasks(2, rig.add_counter(1));
    rig.push_done(rig.add_task());
    const auto result = rig.poll();
    EXPECT_EQ(result.completed, 3);
    EXPECT_EQ(result.error_code, 0);
    EXPECT_EQ(result.failed_slot_state, nullptr);
}

TYPED_TEST(WaitListTest, a_poll_without_a_scheduler_tests_and_retires_but_completes_nothing) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    uint32_t& counter = rig.add_counter(1);
    rig.push_condition(task, counter);
    rig.push_done(task);
    auto& lone = rig.add_task();
    rig.push_done(lone);
    const auto result = rig.poll_with(nullptr);
    EXPECT_EQ(result.completed, 0);
    EXPECT_EQ(result.error_code, 0);
    EXPECT_EQ(rig.waiting(), 2);
    EXPECT_EQ(task.state(), pto::PTO2_TASK_PENDING);
    EXPECT_EQ(lone.state(), pto::PTO2_TASK_PENDING);
    EXPECT_TRUE(rig.entry_of(task)->conditions[0].satisfied);
    EXPECT_TRUE(rig.entry_of(task)->conditions[0].retired);
    EXPECT_EQ(rig.poll().completed, 2);
}

TYPED_TEST(WaitListTest, a_poll_without_a_local_buffer_does_the_same) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_done(task);
    std::array<typename TestFixture::Rig::Slot*, 2> releases{};
    int32_t count = 0;
    const auto result = rig.list.template poll_and_complete<false>(&rig.mailbox, &rig.scheduler,
                                                                   releases.data(), count, 2);
    EXPECT_EQ(result.completed, 1);
    EXPECT_EQ(count, 1);
    EXPECT_EQ(releases[0], &task.slot);
    EXPECT_EQ(rig.scheduler.last_local_buffer, nullptr);
}

TYPED_TEST(WaitListTest, a_poll_passes_its_local_buffer_on) {
    auto& rig = *this->shared_rig;
    rig.push_done(rig.add_task());
    uint64_t stand_in = 0;
    auto* const buffer = reinterpret_cast<pto::PTO2LocalReadyBuffer<TypeParam>*>(&stand_in);
    int32_t unused_count = 0;
    rig.list.template poll_and_complete<false>(&rig.mailbox, &rig.scheduler, buffer, nullptr,
                                               unused_count, 0);
    EXPECT_EQ(rig.scheduler.last_local_buffer, buffer);
    rig.push_done(rig.add_task());
    rig.poll();
    EXPECT_EQ(rig.scheduler.last_local_buffer, nullptr);
}

TYPED_TEST(WaitListTest, a_profiled_poll_counts_what_it_did) {
    auto& rig = *this->shared_rig;
    rig.push_waiting_tasks(2, rig.add_counter());
    int32_t unused_count = 0;
    for (int i = 0; i < 3; ++i) {
        rig.list.template poll_and_complete<true>(&rig.mailbox, &rig.scheduler, nullptr, nullptr,
                                                  unused_count, 0);
    }
    rig.poll();
    EXPECT_EQ(rig.list.profile.polls.load(), 3u);
    EXPECT_EQ(rig.list.profile.messages.load(), 4u);
    EXPECT_EQ(rig.list.profile.entries_visited.load(), 6u);
}

// ----- the release buffer ------------------------------------------------------------------------

TYPED_TEST(WaitListTest, completed_tasks_wait_in_the_release_buffer) {
    auto& rig = *this->shared_rig;
    rig.push_waiting_tasks(2, rig.add_counter(1));
    rig.push_done(rig.add_task());
    std::array<typename TestFixture::Rig::Slot*, 8> buffer{};
    int32_t count = 0;
    const auto result = rig.list.template poll_and_complete<false>(
        &rig.mailbox, &rig.scheduler, nullptr, buffer.data(), count, 8);
    EXPECT_EQ(result.completed, 3);
    ASSERT_EQ(count, 3);
    EXPECT_EQ(buffer[0], &rig.tasks[2].slot) << "completed inline, by the drain";
    EXPECT_EQ(buffer[1], &rig.tasks[1].slot);
    EXPECT_EQ(buffer[2], &rig.tasks[0].slot);
    EXPECT_EQ(rig.scheduler.completed.size(), 3u) << "fan-out does not wait";
    EXPECT_TRUE(rig.scheduler.released.empty());
}

TYPED_TEST(WaitListTest, a_full_release_buffer_is_flushed_before_the_next_append) {
    auto& rig = *this->shared_rig;
    for (int i = 0; i < 5; ++i) {
        rig.push_done(rig.add_task());
    }
    std::array<typename TestFixture::Rig::Slot*, 3> buffer{};
    auto* const behind_the_end = &rig.tasks[4].slot;
    buffer[2] = behind_the_end;
    int32_t count = 0;
    const auto result = rig.list.template poll_and_complete<false>(
        &rig.mailbox, &rig.scheduler, nullptr, buffer.data(), count, 2);
    EXPECT_EQ(result.completed, 5);
    const typename TestFixture::Slots oldest_first{&rig.tasks[0].slot, &rig.tasks[1].slot,
                                                   &rig.tasks[2].slot, &rig.tasks[3].slot};
    EXPECT_EQ(rig.scheduler.released, oldest_first);
    EXPECT_EQ(count, 1);
    EXPECT_EQ(buffer[0], &rig.tasks[4].slot);
    EXPECT_EQ(buffer[2], behind_the_end) << "written past its capacity";
}

TYPED_TEST(WaitListTest, a_release_buffer_that_is_just_full_is_left_alone) {
    auto& rig = *this->shared_rig;
    rig.push_done(rig.add_task());
    rig.push_done(rig.add_task());
    std::array<typename TestFixture::Rig::Slot*, 2> buffer{};
    int32_t count = 0;
    rig.list.template poll_and_complete<false>(&rig.mailbox, &rig.scheduler, nullptr, buffer.data(),
                                               count, 2);
    EXPECT_EQ(count, 2);
    EXPECT_TRUE(rig.scheduler.released.empty());
}

TYPED_TEST(WaitListTest, a_poll_appends_to_what_the_buffer_holds_already) {
    auto& rig = *this->shared_rig;
    auto& earlier = rig.add_task();
    auto& task = rig.add_task();
    rig.push_done(task);
    std::array<typename TestFixture::Rig::Slot*, 2> buffer{&earlier.slot, nullptr};
    int32_t count = 1;
    rig.list.template poll_and_complete<false>(&rig.mailbox, &rig.scheduler, nullptr, buffer.data(),
                                               count, 2);
    EXPECT_EQ(count, 2);
    EXPECT_EQ(buffer[0], &earlier.slot);
    EXPECT_EQ(buffer[1], &task.slot);
}

TYPED_TEST(WaitListTest, a_sink_without_a_usable_buffer_releases_at_once) {
    using Sink = typename TestFixture::Rig::Sink;
    auto& rig = *this->shared_rig;
    std::array<typename TestFixture::Rig::Slot*, 1> buffer{};
    int32_t count = 0;
    for (Sink sink : {Sink{&rig.scheduler, nullptr, nullptr, &count, 1},
                      Sink{&rig.scheduler, nullptr, buffer.data(), nullptr, 1},
                      Sink{&rig.scheduler, nullptr, buffer.data(), &count, 0}}) {
        auto& task = rig.add_task();
        rig.push_done(task);
        EXPECT_EQ(rig.drain_into(sink).completed, 1);
        ASSERT_FALSE(rig.scheduler.released.empty());
        EXPECT_EQ(rig.scheduler.released.back(), &task.slot);
        EXPECT_EQ(count, 0);
    }
}

// ----- errors ------------------------------------------------------------------------------------

TYPED_TEST(WaitListTest, a_failed_condition_leaves_its_entry_in_place) {
    const std::array<uint32_t, 4> words{};
    const std::array<std::pair<int32_t, uint64_t>, 5> untestable{{
        {pto::COMPLETION_TYPE_COUNTER, 0},
        {pto::COMPLETION_TYPE_COUNTER, address_of(words.data()) + 2},
        {pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, 0},
        {pto::COMPLETION_TYPE_SDMA_EVENT_RECORD, address_of(words.data()) + 1},
        {7, address_of(words.data())},
    }};
    for (const auto& [type, addr] : untestable) {
        typename TestFixture::Rig rig;
        auto& task = rig.add_task();
        rig.push_condition_at(task, addr, 0, type);
        rig.push_done(task);
        EXPECT_EQ(rig.drain().error, 0) << "what is wrong shows at the poll";
        const auto result = rig.poll();
        EXPECT_EQ(result.error_code, 101);
        EXPECT_EQ(result.completed, 0);
        EXPECT_EQ(result.failed_slot_state, &task.slot);
        EXPECT_EQ(rig.waiting(), 1);
        EXPECT_FALSE(rig.entry_of(task)->conditions[0].satisfied);
        EXPECT_EQ(rig.entry_of(task)->waiting_completion_count, 1);
        EXPECT_EQ(rig.list.error_code.load(), 101);
    }
}

TYPED_TEST(WaitListTest, a_failed_condition_is_found_before_normal_done_and_has_no_slot_then) {
    auto& rig = *this->shared_rig;
    rig.push_condition_at(rig.add_task(), 0);
    const auto result = rig.poll();
    EXPECT_EQ(result.error_code, 101);
    EXPECT_EQ(result.failed_slot_state, nullptr);
}

TYPED_TEST(WaitListTest, a_failed_condition_is_found_without_a_scheduler_too) {
    auto& rig = *this->shared_rig;
    rig.push_condition_at(rig.add_task(), 0);
    EXPECT_EQ(rig.poll_with(nullptr).error_code, 101);
    EXPECT_EQ(rig.list.error_code.load(), 101);
}

TYPED_TEST(WaitListTest, a_message_that_raises_an_error_names_no_slot) {
    auto& rig = *this->shared_rig;
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.poll().failed_slot_state, nullptr);
}

TYPED_TEST(WaitListTest, the_visit_ends_at_the_first_failure) {
    auto& rig = *this->shared_rig;
    auto& first = rig.add_task();
    rig.push_condition(first, rig.add_counter(1));
    rig.push_done(first);
    rig.push_condition_at(rig.add_task(), 0);
    auto& last = rig.add_task();
    rig.push_condition(last, rig.add_counter(1));
    rig.push_done(last);
    const auto result = rig.poll();
    EXPECT_EQ(result.error_code, 101);
    EXPECT_EQ(result.completed, 1) << "what completed before the error counts";
    EXPECT_EQ(last.state(), pto::PTO2_TASK_COMPLETED);
    EXPECT_EQ(first.state(), pto::PTO2_TASK_PENDING);
    EXPECT_FALSE(rig.entry_of(first)->conditions[0].satisfied);
}

TYPED_TEST(WaitListTest, an_error_in_the_drain_counts_what_completed_before_it) {
    auto& rig = *this->shared_rig;
    rig.push_done(rig.add_task());
    rig.push_kind(1, 99);
    rig.push_done(rig.add_task());
    const auto result = rig.poll();
    EXPECT_EQ(result.error_code, 103);
    EXPECT_EQ(result.completed, 1);
    EXPECT_EQ(rig.left_in_mailbox(), 1u) << "messages after an error stay";
}

TYPED_TEST(WaitListTest, after_an_error_a_drain_takes_nothing_and_reports_it) {
    auto& rig = *this->shared_rig;
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.drain().error, 103);
    rig.push_done(rig.add_task());
    for (const auto& drained : {rig.drain(), rig.drain_without_sink()}) {
        EXPECT_EQ(drained.taken, 0);
        EXPECT_EQ(drained.error, 103);
    }
    EXPECT_EQ(rig.left_in_mailbox(), 1u);
    int32_t error = 0;
    ASSERT_TRUE(rig.list.try_lock());
    EXPECT_EQ(rig.list.drain_aicore_completion_mailbox_locked(nullptr, error), 0);
    rig.list.unlock();
    EXPECT_EQ(error, 103) << "without a mailbox too";
}

TYPED_TEST(WaitListTest, after_an_error_a_poll_visits_nothing_and_reports_it) {
    auto& rig = *this->shared_rig;
    uint32_t& counter = rig.add_counter();
    rig.push_waiting_tasks(1, counter);
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.poll().error_code, 103);
    counter = 1;
    for (int i = 0; i < 2; ++i) {
        const auto result = rig.poll();
        EXPECT_EQ(result.error_code, 103);
        EXPECT_EQ(result.completed, 0);
        EXPECT_EQ(result.failed_slot_state, nullptr);
    }
    EXPECT_EQ(rig.waiting(), 1);
    EXPECT_FALSE(rig.entry_of(rig.tasks[0])->conditions[0].satisfied);
    EXPECT_TRUE(rig.scheduler.completed.empty());
}

TYPED_TEST(WaitListTest, the_first_error_wins_if_a_condition_raised_it) {
    auto& rig = *this->shared_rig;
    rig.push_condition_at(rig.add_task(), 0);
    EXPECT_EQ(rig.poll().error_code, 101);
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.poll().error_code, 101);
    EXPECT_EQ(rig.drain().error, 101);
    EXPECT_EQ(rig.list.error_code.load(), 101);
    EXPECT_EQ(rig.left_in_mailbox(), 1u);
}

TYPED_TEST(WaitListTest, the_first_error_wins_if_a_message_raised_it) {
    auto& rig = *this->shared_rig;
    rig.push_condition_at(rig.add_task(), 0);
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.poll().error_code, 103);
    EXPECT_EQ(rig.poll().error_code, 103) << "the condition that fails is not visited any more";
    EXPECT_EQ(rig.list.error_code.load(), 103);
}

// The 65th condition is gone when its task's NORMAL_DONE is read. Continuing would complete the
// task without it.
TYPED_TEST(WaitListTest, a_message_that_an_error_consumed_lets_no_task_complete_early) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    rig.push_conditions(task, rig.add_counter(1), 64);
    rig.push_condition(task, rig.add_counter(0));
    rig.push_done(task);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(rig.poll().error_code, 103);
    }
    EXPECT_EQ(task.state(), pto::PTO2_TASK_PENDING);
    EXPECT_TRUE(rig.scheduler.completed.empty());
}

TYPED_TEST(WaitListTest, a_reset_forgets_tasks_errors_and_diagnostics) {
    auto& rig = *this->shared_rig;
    uint32_t& counter = rig.add_counter();
    rig.push_waiting_tasks(3, counter);
    int32_t unused_count = 0;
    rig.list.template poll_and_complete<true>(&rig.mailbox, &rig.scheduler, nullptr, nullptr,
                                              unused_count, 0);
    rig.push_kind(1, 99);
    EXPECT_EQ(rig.poll().error_code, 103);
    rig.list.mpsc_skipped_count.store(5);

    rig.list.reset_for_reuse();
    EXPECT_EQ(rig.waiting(), 0);
    EXPECT_EQ(rig.list.error_code.load(), 0);
    EXPECT_EQ(rig.list.mpsc_skipped_count.load(), 0u);
    EXPECT_EQ(rig.list.profile.polls.load(), 0u);
    EXPECT_EQ(rig.list.profile.messages.load(), 0u);
    EXPECT_EQ(rig.list.profile.entries_visited.load(), 0u);
    EXPECT_EQ(rig.entry_of(rig.tasks[0]), nullptr);
    counter = 1;
    EXPECT_EQ(rig.poll().completed, 0);
    rig.push_done(rig.add_task());
    EXPECT_EQ(rig.poll().completed, 1);
}

// ----- event records -----------------------------------------------------------------------------

TYPED_TEST(WaitListTest, tasks_that_share_a_record_complete_one_after_the_other) {
    auto& rig = *this->shared_rig;
    alignas(8) uint64_t record = 0;
    for (const uint64_t cookie : {1u, 3u, 2u}) {
        auto& task = rig.add_task();
        rig.push_record(task, record, cookie);
        rig.push_done(task);
    }
    EXPECT_EQ(rig.poll().completed, 0);
    record = 2;
    EXPECT_EQ(rig.poll().completed, 2);
    EXPECT_EQ(record, 2u);
    EXPECT_EQ(rig.tasks[1].state(), pto::PTO2_TASK_PENDING);
    record = 3;
    EXPECT_EQ(rig.poll().completed, 1);
    EXPECT_EQ(record, 3u);
}

TYPED_TEST(WaitListTest, an_entry_keeps_the_cookie) {
    auto& rig = *this->shared_rig;
    uint64_t record = 0;
    auto& task = rig.add_task();
    rig.push_record(task, record, 0x1122334455667788);
    EXPECT_EQ(rig.drain().error, 0);
    const auto& condition = rig.entry_of(task)->conditions[0];
    EXPECT_EQ(condition.backend_cookie, 0x1122334455667788u);
    EXPECT_EQ(condition.addr, address_of(&record));
    EXPECT_EQ(condition.counter_addr, nullptr);
}

TYPED_TEST(WaitListTest, counters_and_records_of_one_task_are_all_waited_for) {
    auto& rig = *this->shared_rig;
    auto& task = rig.add_task();
    uint32_t& counter = rig.add_counter();
    uint64_t record = 0;
    rig.push_condition(task, counter);
    rig.push_record(task, record, 1);
    rig.push_done(task);
    EXPECT_EQ(rig.poll().completed, 0);
    record = 1;
    EXPECT_EQ(rig.poll().completed, 0);
    counter = 1;
    EXPECT_EQ(rig.poll().completed, 1);
}

/// What log_diagnostics() writes; nothing goes to stderr.
template <class Rig>
std::string description_of(Rig& rig, bool has_mailbox, const char* reason, bool warn) {
    char text[2000] = {};
    std::FILE* const out = ::fmemopen(text, sizeof text, "w");
    if (out == nullptr) {
        ADD_FAILURE() << "fmemopen";
        return {};
    }
    ::testing::internal::CaptureStderr();
    rig.list.log_diagnostics(has_mailbox ? &rig.mailbox : nullptr, reason, warn, out);
    std::fclose(out);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    return text;
}

TYPED_TEST(WaitListTest, its_description_goes_to_one_stream) {
    auto& rig = *this->shared_rig;
    rig.push_condition(rig.add_task(), rig.add_counter());
    EXPECT_EQ(rig.drain().error, 0);
    rig.list.mpsc_skipped_count = 1;
    const std::string text = description_of(rig, true, "a test", true);
    EXPECT_EQ(text.find("warning: wait list: a test: 1 task waits, error 0, 1 push met a full "
                        "mailbox\n  mailbox: the next ticket is "),
              0u)
        << text;
}

TYPED_TEST(WaitListTest, its_description_needs_no_mailbox_and_no_reason) {
    auto& rig = *this->shared_rig;
    EXPECT_EQ(description_of(rig, false, nullptr, false),
              "info: wait list: no reason: 0 tasks wait, error 0, 0 pushes met a full mailbox\n");
}

TYPED_TEST(WaitListTest, its_description_tells_what_each_task_waits_for) {
    auto& rig = *this->shared_rig;
    // One has a condition that holds and no NORMAL_DONE, the other the reverse.
    rig.push_condition(rig.add_task(), rig.add_counter(1));
    auto& done = rig.add_task();
    rig.push_condition(done, rig.add_counter());
    rig.push_done(done);
    EXPECT_EQ(rig.poll().completed, 0);
    const std::string text = description_of(rig, true, "a test", false);
    for (const char* const part : {"2 tasks wait", "0 of 1 conditions and for its NORMAL_DONE\n",
                                   "1 of 1 conditions\n    type 0 at "}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "is not in\n" << text;
    }
}

TYPED_TEST(WaitListTest, its_description_leaves_the_tasks_out_while_it_is_locked) {
    auto& rig = *this->shared_rig;
    rig.push_condition(rig.add_task(), rig.add_counter());
    EXPECT_EQ(rig.drain().error, 0);
    ASSERT_TRUE(rig.list.try_lock());
    const std::string text = description_of(rig, false, "a test", false);
    rig.list.unlock();
    EXPECT_EQ(text,
              "info: wait list: a test: 1 task waits, error 0, 0 pushes met a full mailbox\n"
              "  another thread has the lock\n");
}

}  // namespace mailproof::test
