// What happens at a FIN, step by step, at a full mailbox, and when a task has completed: on both
// platforms, and without cores.
#include "src/runtime/scheduler_completion.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

#include "src/platforms.h"
#include "tests/unit/completion_rig.h"

namespace mailproof::test {
namespace {

template <class Platform>
class FinTest : public ::testing::Test {};
/// The same with a mailbox of four slots, which is full at once.
template <class Platform>
class FullMailboxTest : public ::testing::Test {};
template <class Platform>
class TaskCompletionTest : public ::testing::Test {};

template <class Platform>
using WithSmallRing = pto::sim::WithRingOf<Platform, 4>;

using Platforms = pto::Platforms::Into<::testing::Types>;
using SmallPlatforms = pto::Platforms::Map<WithSmallRing>::Into<::testing::Types>;
TYPED_TEST_SUITE(FinTest, Platforms, PlatformName);
TYPED_TEST_SUITE(FullMailboxTest, SmallPlatforms, PlatformName);
TYPED_TEST_SUITE(TaskCompletionTest, Platforms, PlatformName);

/// A FIN that has to end the run: with which code, without counting the subtask, or pushing.
template <class Rig>
void expect_refused(Rig& rig, typename Rig::Slab slab, int32_t status) {
    auto& slot = rig.open_task();
    rig.fin(slot, slab);
    EXPECT_EQ(rig.run.status(), status);
    EXPECT_TRUE(rig.run.is_stopped());
    EXPECT_EQ(slot.completed_subtasks, 0) << "not counted";
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_PENDING);
    EXPECT_FALSE(slot.any_subtask_deferred);
    EXPECT_EQ(rig.pushed(), 0u);
    EXPECT_EQ(rig.completion.completed(), 0u);
    EXPECT_EQ(rig.thread().release_count, 0);
}

// ----- (1) a null payload ---------------------------------------------------------------------

TYPED_TEST(FinTest, without_a_payload_the_slab_is_not_looked_at) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task(2);
    slot.payload = nullptr;
    auto slab = rig.numbered_slab(3);
    slab.error_code = 7;
    rig.fin(slot, slab);
    EXPECT_EQ(rig.run.status(), 0);
    EXPECT_EQ(slot.completed_subtasks, 1);
    EXPECT_EQ(rig.pushed(), 0u);
    EXPECT_EQ(slab.count, 3u);
    rig.fin(slot, slab);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_COMPLETED);
}

// ----- (2) errors of the slab -----------------------------------------------------------------

TYPED_TEST(FinTest, an_error_in_the_slab_ends_the_run_with_it) {
    for (const int32_t code : {1, 102, 103, INT32_MAX}) {
        CompletionRig<TypeParam> rig;
        auto slab = rig.numbered_slab(0);
        slab.error_code = code;
        expect_refused(rig, slab, -code);
    }
}

TYPED_TEST(FinTest, a_negative_error_stays_as_it_is) {
    for (const int32_t code : {-1, -102, INT32_MIN}) {
        CompletionRig<TypeParam> rig;
        auto slab = rig.numbered_slab(2);
        slab.error_code = code;
        expect_refused(rig, slab, code);
    }
}

TYPED_TEST(FinTest, a_count_above_64_is_corrupt) {
    for (const uint32_t count : {65u, 1000u, ~0u}) {
        CompletionRig<TypeParam> rig;
        auto slab = rig.numbered_slab(64);
        slab.count = count;
        expect_refused(rig, slab, -103);
    }
}

TYPED_TEST(FinTest, the_slabs_error_goes_before_its_count) {
    CompletionRig<TypeParam> rig;
    auto slab = rig.numbered_slab(64);
    slab.count = 65;
    slab.error_code = 102;
    expect_refused(rig, slab, -102);
}

TYPED_TEST(FinTest, conditions_without_a_mailbox_end_the_run) {
    using Rig = CompletionRig<TypeParam>;
    Rig rig(Rig::With::NO_MAILBOX);
    expect_refused(rig, rig.numbered_slab(1), -103);
}

TYPED_TEST(FinTest, without_a_mailbox_and_conditions_a_task_completes) {
    using Rig = CompletionRig<TypeParam>;
    Rig rig(Rig::With::NO_MAILBOX);
    auto& slot = rig.open_task();
    rig.fin(slot);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_COMPLETED);
    EXPECT_EQ(rig.run.status(), 0);
}

// ----- (3) conditions -------------------------------------------------------------------------

TYPED_TEST(FinTest, conditions_are_pushed_in_order_and_the_count_is_zeroed) {
    for (const uint32_t count : {1u, 17u, 64u}) {
        CompletionRig<TypeParam> rig;
        auto& slot = rig.open_task(2);
        auto slab = rig.numbered_slab(count);
        rig.fin(slot, slab);
        EXPECT_EQ(slab.count, 0u);
        EXPECT_TRUE(slot.any_subtask_deferred);
        EXPECT_EQ(slot.completed_subtasks, 1);
        const auto messages = pop_all(rig.mailbox);
        ASSERT_EQ(messages.size(), count);
        for (uint32_t i = 0; i < count; ++i) {
            EXPECT_EQ(messages[i].task_token, slot.task->task_id);
            EXPECT_TRUE(carries(messages[i], i));
        }
    }
}

// ----- (4) to (6) the last subtask ------------------------------------------------------------

TYPED_TEST(FinTest, who_is_not_last_only_counts) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task(3);
    rig.fin(slot);
    rig.fin(slot);
    EXPECT_EQ(slot.completed_subtasks, 2);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_PENDING);
    EXPECT_EQ(rig.thread().release_count, 0);
    EXPECT_EQ(rig.pushed(), 0u);
}

TYPED_TEST(FinTest, a_task_of_one_subtask_registers_in_one_message) {
    for (const uint32_t count : {1u, 2u, 64u}) {
        CompletionRig<TypeParam> rig;
        auto& slot = rig.open_task();
        auto slab = rig.numbered_slab(count);
        rig.fin(slot, slab);
        EXPECT_EQ(slab.count, 0u);
        EXPECT_EQ(rig.pushed(), 1 + count / 2);
        EXPECT_EQ(slot.task_state, pto::PTO2_TASK_PENDING) << "a later poll completes it";
        EXPECT_EQ(rig.completion.completed(), 0u);
        Consumed consumed;
        ASSERT_EQ(rig.mailbox.consume(1, consumed), 1 + count / 2);
        EXPECT_EQ(consumed.tokens, std::vector<uint64_t>{slot.task->task_id.raw});
        EXPECT_EQ(consumed.slot_addresses,
                  std::vector<uint64_t>{reinterpret_cast<uintptr_t>(&slot)});
        ASSERT_EQ(consumed.conditions.size(), count);
        EXPECT_TRUE(are_numbered(consumed.conditions, 0));
    }
}

TYPED_TEST(FinTest, a_registered_task_completes_in_the_poll_that_finds_its_conditions_true) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task();
    auto& consumer = rig.open_consumer(slot);
    uint32_t& counter = rig.add_counter();
    auto slab = rig.slab_on(counter, 8);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 0);
    counter = 1;
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 1);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_COMPLETED);
    EXPECT_EQ(rig.thread().ready.pop(pto::TaskShape::AIV), &consumer);
    EXPECT_EQ(rig.skipped(), 0u);
}

TYPED_TEST(FinTest, the_last_of_a_deferred_task_pushes_its_normal_done_and_no_more) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task(2);
    rig.fin(slot);
    auto slab = rig.numbered_slab(2);
    rig.fin(slot, slab);
    const auto messages = pop_all(rig.mailbox);
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].kind, pto::MSG_KIND_CONDITION);
    EXPECT_EQ(messages[2].kind, pto::MSG_KIND_TASK_NORMAL_DONE);
    EXPECT_EQ(messages[2].task_token, slot.task->task_id);
    EXPECT_EQ(messages[2].addr, reinterpret_cast<uintptr_t>(&slot));
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_PENDING) << "the next poll completes it";
    EXPECT_EQ(rig.thread().release_count, 0);
    EXPECT_EQ(rig.completion.completed(), 0u);
}

TYPED_TEST(FinTest, one_deferred_subtask_makes_the_task_deferred) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task(3);
    auto slab = rig.numbered_slab(1);
    rig.fin(slot);
    rig.fin(slot, slab);
    rig.fin(slot);
    const auto messages = pop_all(rig.mailbox);
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(messages[1].kind, pto::MSG_KIND_TASK_NORMAL_DONE);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_PENDING);
}

TYPED_TEST(FinTest, without_conditions_the_last_completes_the_task_at_once) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task(2);
    auto& consumer = rig.open_consumer(slot);
    rig.fin(slot);
    rig.fin(slot);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_COMPLETED);
    EXPECT_EQ(rig.thread().release_count, 1);
    EXPECT_EQ(rig.thread().releases[0], &slot);
    EXPECT_EQ(rig.completion.completed(), 1u);
    EXPECT_EQ(rig.thread().ready.pop(pto::TaskShape::AIV), &consumer) << "its own first";
    EXPECT_TRUE(rig.queues.is_empty());
}

TYPED_TEST(FinTest, a_task_without_conditions_touches_neither_mailbox_nor_busy) {
    CompletionRig<TypeParam> rig;
    rig.mailbox.reset(77);
    ASSERT_TRUE(rig.wait_list.try_lock()) << "another thread polls";
    auto& slot = rig.open_task();
    rig.fin(slot);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_COMPLETED);
    EXPECT_EQ(rig.wait_list.busy, 1);
    EXPECT_EQ(rig.mailbox.head, 77u);
    EXPECT_EQ(rig.mailbox.tail, 77u);
    EXPECT_EQ(rig.skipped(), 0u);
    EXPECT_EQ(rig.cores.idled, 0u);
}

// ----- the full mailbox -----------------------------------------------------------------------

TYPED_TEST(FullMailboxTest, a_thread_alone_drains_it_and_gets_on) {
    CompletionRig<TypeParam> rig;
    auto& other = rig.open_task(2);
    rig.fill_mailbox(other);
    auto& slot = rig.open_task(2);
    auto slab = rig.slab_on(rig.add_counter(), 3);
    rig.fin(slot, slab);
    EXPECT_EQ(slot.completed_subtasks, 1);
    EXPECT_EQ(slab.count, 0u);
    EXPECT_EQ(rig.skipped(), 1u) << "one attempt met a full ring";
    EXPECT_EQ(rig.cores.idled, 1u);
    EXPECT_EQ(rig.waiting(), 1) << "the other's, drained";
    EXPECT_EQ(pop_all(rig.mailbox).size(), 3u);
    EXPECT_EQ(rig.wait_list.busy, 0);
}

TYPED_TEST(FullMailboxTest, more_conditions_than_slots_go_through_in_parts_and_in_order) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task();
    auto slab = rig.slab_on(rig.add_counter(), 64, 5);
    for (uint32_t i = 0; i < 64; ++i) {
        slab.entries[i].engine = i;
    }
    rig.fin(slot, slab);
    EXPECT_EQ(rig.skipped(), 16u) << "15 parts that were not the last, and the NORMAL_DONE";
    ASSERT_EQ(rig.waiting(), 1);
    const auto& entry = rig.wait_list.entries[0];
    EXPECT_EQ(entry.condition_count, 64);
    for (uint32_t i = 0; i < 64; ++i) {
        EXPECT_EQ(entry.conditions[i].engine, i);
    }
    EXPECT_FALSE(entry.normal_done) << "still in the ring";
    EXPECT_EQ(pop_all(rig.mailbox).size(), 1u);
}

TYPED_TEST(FullMailboxTest, a_normal_done_waits_for_room_too) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task(2);
    rig.fin(slot);
    auto slab = rig.slab_on(rig.add_counter(), 4);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.skipped(), 1u);
    const auto messages = pop_all(rig.mailbox);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].kind, pto::MSG_KIND_TASK_NORMAL_DONE);
}

TYPED_TEST(FullMailboxTest, a_registration_that_does_not_fit_goes_in_parts) {
    CompletionRig<TypeParam> rig;
    uint32_t& counter = rig.add_counter();
    auto& first = rig.open_task();
    auto first_slab = rig.slab_on(counter, 2);
    rig.fin(first, first_slab);
    EXPECT_EQ(rig.pushed(), 2u);
    auto& slot = rig.open_task();
    auto slab = rig.slab_on(counter, 4);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.skipped(), 1u) << "after two of its conditions";
    EXPECT_EQ(slot.completed_subtasks, 1);
    counter = 1;
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 2);
    EXPECT_EQ(rig.run.status(), 0);
}

TYPED_TEST(FullMailboxTest, what_the_helper_completes_is_counted_and_buffered) {
    CompletionRig<TypeParam> rig;
    auto& helped = rig.open_task();
    auto helped_slab = rig.slab_on(rig.add_counter(1), 1);
    rig.fin(helped, helped_slab, 1);
    rig.fill_mailbox(rig.open_task(2));
    auto& slot = rig.open_task(2);
    auto slab = rig.slab_on(rig.add_counter(), 1);
    rig.fin(slot, slab, 0);
    EXPECT_EQ(helped.task_state, pto::PTO2_TASK_COMPLETED);
    EXPECT_EQ(rig.thread(0).completed, 1u);
    EXPECT_EQ(rig.thread(1).completed, 0u);
    ASSERT_EQ(rig.thread(0).release_count, 1);
    EXPECT_EQ(rig.thread(0).releases[0], &helped);
}

TYPED_TEST(FullMailboxTest, the_helper_makes_room_before_it_appends_a_release) {
    CompletionRig<TypeParam> rig;
    for (int32_t i = 0; i < pto::PTO2_DEFERRED_RELEASE_CAP; ++i) {
        rig.fin(rig.open_task());
    }
    auto& helped = rig.open_task();
    auto helped_slab = rig.slab_on(rig.add_counter(1), 1);
    rig.fin(helped, helped_slab, 1);
    rig.fill_mailbox(rig.open_task(2));
    auto& slot = rig.open_task(2);
    auto slab = rig.slab_on(rig.add_counter(), 1);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.thread().release_count, 1);
    EXPECT_EQ(rig.thread().releases[0], &helped);
    EXPECT_EQ(rig.thread().completed, 257u);
}

TYPED_TEST(FullMailboxTest, every_attempt_is_counted_while_another_thread_polls) {
    CompletionRig<TypeParam> rig;
    rig.fill_mailbox(rig.open_task(2));
    ASSERT_TRUE(rig.wait_list.try_lock());
    rig.cores.on_idle = [&](uint32_t thread) {
        EXPECT_EQ(thread, 1u);
        if (rig.cores.idled == 5) {
            rig.wait_list.unlock();
        }
    };
    auto& slot = rig.open_task(2);
    auto slab = rig.slab_on(rig.add_counter(), 1);
    rig.fin(slot, slab, 1);
    EXPECT_EQ(slot.completed_subtasks, 1);
    EXPECT_EQ(rig.skipped(), 6u) << "five while the lock was taken, one that drained";
}

TYPED_TEST(FullMailboxTest, a_stopped_run_is_left_without_counting_the_subtask) {
    CompletionRig<TypeParam> rig;
    rig.fill_mailbox(rig.open_task(2));
    ASSERT_TRUE(rig.wait_list.try_lock()) << "no poll, so that only the flag can end the wait";
    rig.cores.on_idle = [&](uint32_t) {
        if (rig.cores.idled == 3) {
            rig.run.latch_error(101);
        }
        if (rig.cores.idled == 100) {
            rig.wait_list.unlock();  // who still waits is let through, and found out below
        }
    };
    auto& slot = rig.open_task();
    auto slab = rig.slab_on(rig.add_counter(), 2);
    rig.fin(slot, slab);
    EXPECT_EQ(slot.completed_subtasks, 0);
    EXPECT_EQ(rig.run.status(), -101);
    EXPECT_EQ(rig.skipped(), 4u);
    EXPECT_EQ(rig.pushed(), 4u) << "nothing of the task";
}

TYPED_TEST(FullMailboxTest, a_run_that_has_stopped_before_is_left_at_the_first_attempt) {
    CompletionRig<TypeParam> rig;
    rig.fill_mailbox(rig.open_task(2));
    rig.run.latch_error(100);
    auto& slot = rig.open_task();
    auto slab = rig.slab_on(rig.add_counter(), 2);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.skipped(), 1u);
    EXPECT_EQ(rig.cores.idled, 0u);
    EXPECT_EQ(rig.waiting(), 0) << "no thread polled";
    EXPECT_EQ(slot.completed_subtasks, 0);
}

TYPED_TEST(FullMailboxTest, an_error_that_the_helper_meets_ends_the_run) {
    CompletionRig<TypeParam> rig;
    uint64_t ticket = 0;
    ASSERT_EQ(rig.mailbox.try_claim(1, ticket), 1u);
    rig.mailbox.publish(ticket, {pto::PTO2TaskId(1), 0, 0, 0, 0, 99});
    rig.fill_mailbox(rig.open_task(2));
    auto& slot = rig.open_task();
    auto slab = rig.slab_on(rig.add_counter(), 2);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.run.status(), -103);
    EXPECT_EQ(slot.completed_subtasks, 0);
    EXPECT_EQ(rig.skipped(), 1u);
    EXPECT_EQ(rig.cores.idled, 0u);
}

/// A producer that has claimed a ticket and does not publish it: nothing after it is drained.
template <class Rig>
void stall_a_producer(Rig& rig) {
    uint64_t ticket = 0;
    ASSERT_EQ(rig.mailbox.try_claim(1, ticket), 1u);
    rig.fill_mailbox(rig.open_task(2));
}

TYPED_TEST(FullMailboxTest, the_watchdog_ends_a_wait_for_a_stalled_producer) {
    CompletionRig<TypeParam> rig;
    stall_a_producer(rig);
    rig.cores.on_idle = [&](uint32_t) { rig.cores.time_ns += rig.watchdog_limit_ns / 4; };
    auto& slot = rig.open_task();
    auto slab = rig.slab_on(rig.add_counter(), 1);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.run.status(), -100);
    EXPECT_EQ(rig.cores.time_ns, rig.watchdog_limit_ns + rig.watchdog_limit_ns / 4)
        << "at the limit, not before";
    EXPECT_EQ(slot.completed_subtasks, 0);
}

TYPED_TEST(FullMailboxTest, the_wait_lasts_while_another_thread_makes_progress) {
    CompletionRig<TypeParam> rig;
    stall_a_producer(rig);
    uint64_t last_progress_ns = 0;
    rig.cores.on_idle = [&](uint32_t) {
        rig.cores.time_ns += rig.watchdog_limit_ns / 2;
        if (rig.cores.idled < 20) {
            rig.thread(1).add_progress();
            last_progress_ns = rig.cores.time_ns;
        }
    };
    auto& slot = rig.open_task();
    auto slab = rig.slab_on(rig.add_counter(), 1);
    rig.fin(slot, slab);
    EXPECT_EQ(rig.run.status(), -100);
    EXPECT_GE(rig.cores.time_ns, last_progress_ns + rig.watchdog_limit_ns);
    EXPECT_GE(rig.cores.idled, 20u);
}

// ----- completion, release, polls -------------------------------------------------------------

TYPED_TEST(TaskCompletionTest, consumers_that_do_not_fit_into_the_buffer_go_to_the_shared_queue) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task();
    constexpr uint32_t consumers = 70;
    for (uint32_t i = 0; i < consumers; ++i) {
        rig.open_consumer(slot);
    }
    rig.fin(slot);
    EXPECT_EQ(rig.thread().ready.tasks(pto::TaskShape::AIV).count, 64u);
    EXPECT_EQ(rig.queues.queue(pto::TaskShape::AIV).size(), consumers - 64u);
}

TYPED_TEST(TaskCompletionTest, without_a_buffer_consumers_go_to_the_shared_queue) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task();
    auto& consumer = rig.open_consumer(slot, 7);
    rig.completion.on_mixed_task_complete(slot, nullptr);
    EXPECT_EQ(rig.queues.queue(pto::TaskShape::MIX_ALL).pop(), &consumer);
}

TYPED_TEST(TaskCompletionTest, a_full_release_buffer_is_emptied_before_the_next_append) {
    CompletionRig<TypeParam> rig;
    for (int32_t i = 0; i < pto::PTO2_DEFERRED_RELEASE_CAP; ++i) {
        auto& slot = rig.open_task();
        rig.completion.give_back(slot);  // the scope's hold
        rig.fin(slot);
    }
    EXPECT_EQ(rig.thread().release_count, pto::PTO2_DEFERRED_RELEASE_CAP);
    EXPECT_EQ(rig.ring().consumed(), 0u);
    auto& dummy = rig.open_task(0);
    rig.completion.complete_inline(dummy, rig.thread());
    EXPECT_EQ(rig.thread().release_count, 1);
    EXPECT_EQ(rig.thread().releases[0], &dummy);
    EXPECT_EQ(rig.ring().consumed(), 256u);
    EXPECT_EQ(rig.completion.completed(), 257u);
}

TYPED_TEST(TaskCompletionTest, a_poll_makes_room_for_what_it_completes_both_ways) {
    CompletionRig<TypeParam> rig;
    auto& waiting = rig.open_task();
    auto slab = rig.slab_on(rig.add_counter(1), 1);
    rig.fin(waiting, slab);
    auto& unregistered = rig.open_task();
    ASSERT_TRUE(rig.mailbox.try_push_normal_done(unregistered.task->task_id,
                                                 reinterpret_cast<uintptr_t>(&unregistered)));
    for (int32_t i = 0; i < pto::PTO2_DEFERRED_RELEASE_CAP; ++i) {
        rig.fin(rig.open_task());
    }
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 2);
    EXPECT_EQ(rig.thread().release_count, 2);
    EXPECT_EQ(rig.completion.completed(), 258u);
    EXPECT_EQ(rig.run.status(), 0);
}

TYPED_TEST(TaskCompletionTest, a_release_gives_back_the_producers_and_then_the_task) {
    CompletionRig<TypeParam> rig;
    auto& producer = rig.open_task();
    auto& consumer = rig.open_task();
    auto& dependencies = *consumer.payload;
    dependencies.dependency_count = 2;
    rig.ring().dependency(0) = {{&consumer, nullptr}, &producer};
    rig.ring().dependency(1) = {{&consumer, nullptr}, nullptr};  // met before
    ASSERT_TRUE(attach_consumer(producer, producer.task->task_id, rig.ring().dependency(0).node));
    rig.completion.on_mixed_task_complete(producer, nullptr);
    rig.completion.on_mixed_task_complete(consumer, nullptr);
    rig.completion.on_task_release(consumer);
    EXPECT_EQ(producer.fanout_refcount, 1);
    EXPECT_EQ(consumer.fanout_refcount, 1);
    rig.completion.on_task_release(producer);
    rig.completion.give_back(consumer);
    EXPECT_EQ(rig.ring().consumed(), 0u);
    rig.completion.give_back(producer);
    EXPECT_EQ(rig.ring().consumed(), 2u) << "the last hold tells the ring";
}

TYPED_TEST(TaskCompletionTest, a_task_without_payload_gives_back_its_own_hold_only) {
    CompletionRig<TypeParam> rig;
    auto& slot = rig.open_task();
    slot.payload->dependency_count = 1;
    rig.ring().dependency(0) = {{&slot, nullptr}, &slot};
    slot.payload = nullptr;
    rig.completion.on_mixed_task_complete(slot, nullptr);
    rig.completion.on_task_release(slot);
    EXPECT_EQ(slot.fanout_refcount, 1);
}

TYPED_TEST(TaskCompletionTest, a_flush_releases_all_oldest_first_and_says_whether_there_was_one) {
    CompletionRig<TypeParam> rig;
    EXPECT_FALSE(rig.completion.flush_releases(rig.thread()));
    for (int i = 0; i < 3; ++i) {
        auto& slot = rig.open_task();
        rig.completion.give_back(slot);
        rig.fin(slot);
    }
    EXPECT_TRUE(rig.completion.flush_releases(rig.thread()));
    EXPECT_EQ(rig.thread().release_count, 0);
    EXPECT_TRUE(rig.ring().is_all_consumed());
    EXPECT_FALSE(rig.completion.flush_releases(rig.thread()));
}

TYPED_TEST(TaskCompletionTest, polls_are_due_for_messages_and_for_waiting_tasks) {
    CompletionRig<TypeParam> rig;
    EXPECT_FALSE(rig.completion.has_conditions());
    uint32_t& counter = rig.add_counter();
    auto slab = rig.slab_on(counter, 1);
    rig.fin(rig.open_task(), slab);
    EXPECT_TRUE(rig.completion.has_conditions()) << "in the mailbox";
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 0);
    EXPECT_FALSE(rig.mailbox.has_pending());
    EXPECT_TRUE(rig.completion.has_conditions()) << "on the wait list";
    counter = 1;
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 1);
    EXPECT_FALSE(rig.completion.has_conditions());
    EXPECT_EQ(rig.completion.completed(), 1u);
}

TYPED_TEST(TaskCompletionTest, without_a_mailbox_only_the_wait_list_can_make_a_poll_due) {
    using Rig = CompletionRig<TypeParam>;
    Rig rig(Rig::With::NO_MAILBOX);
    EXPECT_FALSE(rig.completion.has_conditions());
    rig.wait_list.count = 1;
    EXPECT_TRUE(rig.completion.has_conditions());
    rig.wait_list.count = 0;
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 0);
}

TYPED_TEST(TaskCompletionTest, a_polls_error_ends_the_run) {
    CompletionRig<TypeParam> rig;
    auto slab = rig.numbered_slab(1);
    slab.entries[0].addr = 0;
    slab.entries[0].completion_type = pto::COMPLETION_TYPE_COUNTER;
    rig.fin(rig.open_task(), slab);
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 0);
    EXPECT_EQ(rig.run.status(), -101);
}

TYPED_TEST(TaskCompletionTest, who_did_not_poll_sees_the_wait_lists_error_too) {
    CompletionRig<TypeParam> rig;
    rig.completion.check_error();
    EXPECT_FALSE(rig.run.is_stopped());
    rig.wait_list.error_code = 102;
    rig.completion.check_error();
    EXPECT_EQ(rig.run.status(), -102);
}

TYPED_TEST(TaskCompletionTest, the_watch_ends_a_run_in_which_no_thread_gets_on) {
    CompletionRig<TypeParam> rig;
    rig.open_task();
    rig.completion.watch(rig.thread());
    rig.cores.time_ns = rig.watchdog_limit_ns - 1;
    rig.completion.watch(rig.thread());
    EXPECT_FALSE(rig.run.is_stopped());
    rig.cores.time_ns = rig.watchdog_limit_ns;
    rig.completion.watch(rig.thread());
    EXPECT_EQ(rig.run.status(), -100);
}

TYPED_TEST(TaskCompletionTest, all_work_of_any_thread_is_progress) {
    using Rig = CompletionRig<TypeParam>;
    const auto does_not_expire = [](const char* what, auto&& make_progress) {
        Rig rig;
        rig.open_task();
        rig.completion.watch(rig.thread(0));
        rig.cores.time_ns = rig.watchdog_limit_ns;
        make_progress(rig);
        rig.completion.watch(rig.thread(0));
        EXPECT_FALSE(rig.run.is_stopped()) << what;
    };
    does_not_expire("a dispatch", [](Rig& rig) { rig.thread(1).add_progress(); });
    does_not_expire("a completion", [](Rig& rig) { rig.thread(1).add_completed(1); });
    does_not_expire("a submission", [](Rig& rig) { rig.open_task(); });
    does_not_expire("a drained message", [](Rig& rig) { ++rig.mailbox.tail; });
    does_not_expire("a condition that holds", [](Rig& rig) { ++rig.wait_list.satisfied_count; });
}

// Conditions that come true one after the other, in less than the limit each, and more in all.
TYPED_TEST(TaskCompletionTest, each_condition_that_is_seen_to_hold_is_progress) {
    CompletionRig<TypeParam> rig;
    pto::DeferredCompletionSlab slab{};
    std::vector<uint32_t> counters(20);
    for (const uint32_t& counter : counters) {
        pto::deferred_completion_slab_append(&slab, reinterpret_cast<uintptr_t>(&counter), 1,
                                             pto::COMPLETION_ENGINE_ROCE,
                                             pto::COMPLETION_TYPE_COUNTER);
    }
    rig.fin(rig.open_task(), slab);
    for (uint32_t& counter : counters) {
        rig.completion.watch(rig.thread());
        rig.cores.time_ns += rig.watchdog_limit_ns / 3;
        rig.completion.watch(rig.thread());
        ASSERT_FALSE(rig.run.is_stopped()) << &counter - counters.data();
        counter = 1;
        rig.completion.poll_conditions(rig.thread());
    }
    EXPECT_EQ(rig.completion.completed(), 1u);
}

TYPED_TEST(TaskCompletionTest, a_run_with_nothing_to_do_may_take_its_time) {
    CompletionRig<TypeParam> rig;
    rig.completion.watch(rig.thread());
    rig.cores.time_ns = 10 * rig.watchdog_limit_ns;
    rig.completion.watch(rig.thread());
    EXPECT_FALSE(rig.run.is_stopped()) << "the next task is not submitted yet";
    rig.run.finish_submission();
    rig.completion.watch(rig.thread());
    rig.cores.time_ns += rig.watchdog_limit_ns;
    rig.completion.watch(rig.thread());
    EXPECT_EQ(rig.run.status(), -100) << "but a run that does not end is not one";
}

TYPED_TEST(TaskCompletionTest, who_counts_the_completions_sees_the_work_of_the_tasks) {
    CompletionRig<TypeParam> rig;
    int result = 0;  // plain: handed over by the count
    auto& slot = rig.open_task();
    std::thread scheduler([&] {
        result = 42;
        rig.fin(slot, 1);
    });
    while (rig.completion.completed() == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(result, 42);
    scheduler.join();
}

TYPED_TEST(TaskCompletionTest, completions_of_all_threads_are_added_up) {
    CompletionRig<TypeParam> rig;
    rig.fin(rig.open_task(), 0);
    rig.fin(rig.open_task(), 1);
    rig.fin(rig.open_task(), 1);
    EXPECT_EQ(rig.completion.completed(), 3u);
}

}  // namespace
}  // namespace mailproof::test
