// The assertions of src/ and sim/: a caller or a fault that breaks what they state is reported with
// file, line, expression and values. In a build without assertions there is nothing to test.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "src/platforms.h"
#include "tests/unit/completion_rig.h"
#include "tests/unit/rings.h"
#include "tests/unit/scheduler_rig.h"

#if defined(PTO_ASSERTIONS) && PTO_ASSERTIONS

namespace mailproof::test {
namespace {

using Platform = pto::a2a3::Platform;
using Slot = pto::PTO2TaskSlotState<Platform>;
using Rig = CompletionRig<Platform>;

/// The line that a failed assertion prints, as a regular expression.
std::string failure(const std::string& file, const std::string& expression,
                    const std::string& values = "") {
    return file + ":[0-9]+: assertion failed: " + expression + values + "\n";
}

// ----- the mailbox ----------------------------------------------------------------------------

TEST(MailboxAssertionDeathTest, a_ticket_is_published_once) {
    const auto ring = make_ring<4>();
    uint64_t ticket = 0;
    ASSERT_EQ(ring->try_claim(1, ticket), 1u);
    ring->publish(ticket, numbered_condition(0));
    EXPECT_DEATH(ring->publish(ticket, numbered_condition(0)),
                 failure("mailbox.h", ".*seq.* != ticket \\+ 1", "; ticket = 0"));
}

TEST(MailboxAssertionDeathTest, one_thread_at_a_time_consumes) {
    const auto ring = make_ring<4>();
    ASSERT_TRUE(push_numbered(*ring, 0));
    const auto consume_twice = [&ring] {
        ring->consume(1, [&ring](const pto::AICoreCompletionMsgView&) {
            pop(*ring);
            return true;
        });
    };
    EXPECT_DEATH(consume_twice(), failure("mailbox.h", "tail.* == first", "; first = 0, n = 1"));
}

TEST(MailboxAssertionDeathTest, a_bulk_push_has_conditions) {
    const auto ring = make_ring<4>();
    EXPECT_DEATH(ring->try_push_conditions(1, nullptr, 2), "conditions != nullptr.*; n = 2\n");
}

// ----- the wait list --------------------------------------------------------------------------

TEST(WaitListAssertionDeathTest, the_lock_is_held_where_it_has_to_be) {
    Rig rig;
    Rig::WaitList& list = rig.wait_list;
    int32_t error = 0;
    typename Rig::WaitList::Sink sink;
    const std::string not_locked = failure("wait_list.h", "is_locked\\(\\)");
    EXPECT_DEATH(list.unlock(), not_locked);
    EXPECT_DEATH(list.drain_aicore_completion_mailbox_locked(&rig.mailbox, sink, error),
                 not_locked);
    EXPECT_DEATH(list.try_inline_complete_locked(sink, rig.open_task()), not_locked);
    ASSERT_TRUE(list.try_lock());
    EXPECT_DEATH(list.reset_for_reuse(), failure("wait_list.h", "!is_locked\\(\\)"));
}

TEST(WaitListAssertionDeathTest, an_entry_waits_for_as_many_conditions_as_are_open) {
    Rig rig;
    const uint32_t& counter = rig.add_counter();
    Rig::Slab slab = rig.slab_on(counter, 2);
    rig.fin(rig.open_task(2), slab);
    EXPECT_EQ(rig.completion.poll_conditions(rig.thread()), 0);
    rig.wait_list.entries[0].waiting_completion_count = 1;
    EXPECT_DEATH(rig.completion.poll_conditions(rig.thread()),
                 failure("wait_list.h", "entry.waiting_completion_count == .*",
                         "; entry.waiting_completion_count = 1, entry.condition_count = 2"));
}

TEST(WaitListAssertionDeathTest, a_release_buffer_is_never_over_full) {
    Rig rig;
    rig.thread().release_count = -1;
    EXPECT_DEATH(
        rig.completion.poll_conditions(rig.thread()),
        failure("wait_list.h", ".*deferred_release_count <= sink.deferred_release_capacity.*",
                "; .sink.deferred_release_count = -1, sink.deferred_release_capacity = "
                "256"));
}

TEST(WaitListAssertionDeathTest, only_a_satisfied_condition_is_retired) {
    pto::CompletionCondition<Platform> condition;
    EXPECT_DEATH(condition.retire(), failure("completion_condition.h", "satisfied", "; .*"));
}

// ----- slots, dependencies, queues ------------------------------------------------------------

TEST(SlotAssertionDeathTest, no_more_subtasks_finish_than_there_are) {
    Slot slot{};
    slot.reset_for_reuse();
    slot.total_required_subtasks = 1;
    ASSERT_TRUE(slot.on_subtask_complete());
    EXPECT_DEATH(slot.on_subtask_complete(),
                 failure("task_slot.h", ".*before < required", "; before = 1, required = 1"));
}

TEST(SlotAssertionDeathTest, no_block_past_the_last_is_claimed) {
    Slot slot{};
    slot.reset_for_reuse();
    slot.logical_block_num = 2;
    slot.next_block_idx = 3;
    int16_t first = 0;
    EXPECT_DEATH(slot.claim_blocks(1, first),
                 failure("task_slot.h", ".*", "; first = 3, logical_block_num = 2"));
}

TEST(SlotAssertionDeathTest, a_free_lock_is_not_given_back) {
    Slot slot{};
    EXPECT_DEATH(slot.unlock_fanout(), failure("task_slot.h", "fanout_lock.* == 1"));
}

TEST(SlotAssertionDeathTest, no_more_dependencies_are_met_than_there_are) {
    Slot slot{};
    slot.reset_for_reuse();
    ASSERT_TRUE(meet_dependency(slot));
    EXPECT_DEATH(meet_dependency(slot),
                 failure("fanout.h", ".*met <= dependencies", "; met = 1, dependencies = 0"));
}

TEST(SlotAssertionDeathTest, no_more_holds_are_given_back_than_there_are) {
    Slot slot{};
    slot.reset_for_reuse();
    ASSERT_FALSE(give_back_hold(slot));
    ASSERT_FALSE(give_back_hold(slot)) << "it is not completed";
    EXPECT_DEATH(give_back_hold(slot),
                 failure("fanout.h", ".*given_back <= holds", "; given_back = 3, holds = 2"));
}

TEST(ReadyQueueAssertionDeathTest, a_ticket_is_taken_once_and_holds_a_task) {
    pto::ReadyQueue<int> queue(4);
    int task = 0;
    ASSERT_TRUE(queue.push(&task));
    uint64_t ticket = 0;
    ASSERT_EQ(queue.try_claim_pop(1, ticket), 1u);
    ASSERT_EQ(queue.take(ticket), &task);
    EXPECT_DEATH(queue.take(ticket),
                 failure("ready_queue.h", ".*sequence.* == 2 \\* ticket \\+ 1", "; ticket = 0"));
    EXPECT_DEATH(queue.push(nullptr), failure("ready_queue.h", "task != nullptr", "; ticket = 1"));
}

TEST(ReadyQueueAssertionDeathTest, a_completed_task_is_not_ready) {
    Rig rig;
    Slot& slot = rig.open_task();
    slot.task_state = pto::PTO2_TASK_COMPLETED;
    EXPECT_DEATH(rig.queues.enqueue(slot, nullptr), failure("ready_queues.h", ".*PENDING"));
}

// ----- the scheduler --------------------------------------------------------------------------

TEST(SchedulerAssertionDeathTest, a_task_completes_once) {
    Rig rig;
    Slot& slot = rig.open_task();
    rig.completion.complete_inline(slot, rig.thread());
    EXPECT_DEATH(rig.completion.complete_inline(slot, rig.thread()),
                 failure("scheduler_completion.h", ".*PTO2_TASK_PENDING"));
}

TEST(SchedulerAssertionDeathTest, what_is_released_is_completed) {
    Rig rig;
    EXPECT_DEATH(rig.completion.on_task_release(rig.open_task()),
                 failure("scheduler_completion.h", ".*PTO2_TASK_COMPLETED"));
}

TEST(SchedulerAssertionDeathTest, a_slot_is_reopened_after_its_task_is_consumed) {
    pto::TaskRing<Platform> ring(0, 2, 2);
    ring.open_task(0);
    ring.open_task(0);
    EXPECT_DEATH(ring.open_task(0), failure("task_ring.h", ".*", "; next_task_ = 2, window_ = 2"));
}

TEST(SchedulerAssertionDeathTest, one_thread_at_a_time_moves_the_watermark) {
    pto::RingWatermark watermark;
    const auto scan_in_a_scan = [&watermark] {
        watermark.task_consumed([&watermark](uint64_t) {
            watermark.reset(7);
            return false;
        });
    };
    EXPECT_DEATH(scan_in_a_scan(), failure("watermark.h", "requests_.* == 0", "; first = 7"));
}

TEST(SchedulerAssertionDeathTest, a_core_gets_a_second_dispatch_after_an_ack) {
    pto::CoreSlots slots;
    slots.dispatched(4);
    EXPECT_DEATH(slots.dispatched(5),
                 failure("core_register.h", "is_idle\\(\\) .*", "; running_id = 4, .*id = 5"));
    EXPECT_DEATH(slots.dispatched(pto::AICORE_DOORBELL_EXIT),
                 failure("core_register.h", "is_dispatch_id\\(id\\)", "; id = 2147483632"));
}

TEST(SchedulerAssertionDeathTest, threads_and_rings_have_numbers_from_0) {
    SchedulerRig rig;
    EXPECT_DEATH(rig.scheduler.thread(1), failure("scheduler.h", "index < .*", "; index = 1, .*"));
    EXPECT_DEATH(rig.scheduler.ring(2), failure("scheduler.h", "index < .*", "; index = 2, .*"));
}

TEST(SchedulerAssertionDeathTest, an_error_has_a_code) {
    pto::RunState run;
    EXPECT_DEATH(run.latch_error(0), failure("run_state.h", "code != PTO2_ERROR_NONE"));
}

TEST(SchedulerAssertionDeathTest, time_does_not_go_back) {
    pto::Watchdog watchdog(10);
    ASSERT_FALSE(watchdog.is_expired(1, 100));
    EXPECT_DEATH(watchdog.is_expired(1, 99),
                 failure("watchdog.h", ".*", "; now_ns = 99, since_ns_ = 100"));
}

}  // namespace
}  // namespace mailproof::test

#endif
