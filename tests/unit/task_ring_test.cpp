// A ring of tasks: its window, its dependency records, who has been submitted, and the watermark
// before which slots are free.
#include "src/runtime/task_ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "src/a2a3/platform.h"
#include "src/runtime/fanout.h"

namespace mailproof::test {
namespace {

using Platform = pto::a2a3::Platform;
using Ring = pto::TaskRing<Platform>;
using Room = pto::RingRoom;

constexpr std::nullopt_t none_held = std::nullopt;

/// Completes a task and gives both holds back.
void consume(Ring& ring, uint64_t local) {
    auto& slot = ring.slot(local);
    pto::complete_and_take_consumers(slot);
    EXPECT_FALSE(pto::give_back_hold(slot));
    EXPECT_TRUE(pto::give_back_hold(slot));
    ring.task_consumed();
}

TEST(TaskRingTest, sizes_that_are_not_powers_of_two_are_refused) {
    for (const uint32_t size : {0u, 3u, 12u, ~0u}) {
        EXPECT_THROW(Ring(0, size, 4), std::invalid_argument) << size;
        EXPECT_THROW(Ring(0, 4, size), std::invalid_argument) << size;
    }
    EXPECT_EQ(Ring(0, 1, 1).window(), 1u);
    try {
        Ring(0, 4, 12);
    } catch (const std::invalid_argument& error) {
        EXPECT_EQ(std::string(error.what()),
                  "task ring: dependency_capacity 12: must be a power of two, 1 to 2147483648");
    }
}

TEST(TaskRingTest, a_new_task_has_a_pending_slot_an_empty_payload_and_the_next_id) {
    Ring ring(3, 4, 8);
    ring.reset(6);
    auto& slot = ring.open_task(5);
    EXPECT_EQ(&slot, &ring.slot(2));
    EXPECT_EQ(&slot, &ring.slot(6)) << "tasks share the slots of the window";
    EXPECT_EQ(slot.ring_id, 3);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_PENDING);
    EXPECT_EQ(slot.fanout_count, 2);
    EXPECT_EQ(slot.task, &slot.payload->descriptor);
    EXPECT_EQ(slot.task->task_id, pto::PTO2TaskId::make(3, 6));
    EXPECT_EQ(slot.payload->kernel_addr, 0u);
    EXPECT_EQ(slot.payload->args_addr, 0u);
    EXPECT_EQ(slot.payload->first_dependency, 0u);
    EXPECT_EQ(slot.payload->dependency_count, 5u);
    EXPECT_EQ(ring.next_task(), 7u);
    EXPECT_EQ(ring.submitted(), 7u);
    EXPECT_EQ(ring.open_task(1).payload->first_dependency, 5u) << "after those of the last";
    EXPECT_EQ(&ring.dependency(8), &ring.dependency(0)) << "records are a ring too";
}

TEST(TaskRingTest, a_full_window_has_room_when_its_first_task_is_consumed) {
    Ring ring(0, 4, 4);
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(ring.room_for(0, none_held), Room::AVAILABLE);
        ring.open_task(0);
    }
    EXPECT_EQ(ring.room_for(0, none_held), Room::WAIT);
    consume(ring, 1);
    EXPECT_EQ(ring.room_for(0, none_held), Room::WAIT) << "the first one is still there";
    consume(ring, 0);
    EXPECT_EQ(ring.consumed(), 2u);
    EXPECT_EQ(ring.room_for(0, none_held), Room::AVAILABLE);
    ring.open_task(0);
    ring.open_task(0);
    EXPECT_EQ(ring.room_for(0, none_held), Room::WAIT);
}

TEST(TaskRingTest, numbers_begin_again_after_2_to_64) {
    for (const uint64_t first : {~uint64_t{0}, ~uint64_t{0} - 1, ~uint64_t{0} - 5}) {
        Ring ring(0, 4, 4);
        ring.reset(first);
        for (uint64_t i = 0; i < 4; ++i) {
            ring.open_task(1);
            EXPECT_TRUE(ring.has_been_submitted(static_cast<uint32_t>(first + i)));
        }
        for (uint64_t i = 4; i < 20; ++i) {
            EXPECT_EQ(ring.room_for(1, none_held), Room::WAIT);
            EXPECT_EQ(ring.room_for(1, first + i - 4), Room::NEVER) << "held";
            consume(ring, first + i - 4);
            EXPECT_EQ(ring.consumed(), first + i - 3);
            ASSERT_EQ(ring.room_for(1, none_held), Room::AVAILABLE);
            ring.open_task(1);
        }
        for (uint64_t i = 16; i < 20; ++i) {
            consume(ring, first + i);
        }
        EXPECT_TRUE(ring.is_all_consumed());
    }
}

TEST(TaskRingTest, a_task_that_is_completed_but_not_consumed_holds_the_watermark) {
    Ring ring(0, 4, 4);
    ring.open_task(0);
    ring.open_task(0);
    pto::complete_and_take_consumers(ring.slot(0));
    consume(ring, 1);
    EXPECT_EQ(ring.consumed(), 0u);
    EXPECT_FALSE(ring.is_all_consumed());
}

TEST(TaskRingTest, the_watermark_stops_after_the_last_task) {
    Ring ring(0, 2, 2);
    for (uint64_t task = 0; task < 5; ++task) {
        ring.open_task(0);
        consume(ring, task);
        ASSERT_EQ(ring.consumed(), task + 1) << "not at what its slots held a lap before";
    }
    EXPECT_TRUE(ring.is_all_consumed());
}

TEST(TaskRingTest, records_run_out_before_slots_do) {
    Ring ring(0, 4, 8);
    EXPECT_EQ(ring.room_for(8, none_held), Room::AVAILABLE);
    EXPECT_EQ(ring.room_for(9, none_held), Room::NEVER) << "more than there are";
    ring.open_task(5);
    EXPECT_EQ(ring.room_for(3, none_held), Room::AVAILABLE);
    EXPECT_EQ(ring.room_for(4, none_held), Room::WAIT);
    ring.open_task(3);
    EXPECT_EQ(ring.room_for(0, none_held), Room::AVAILABLE);
    EXPECT_EQ(ring.room_for(1, none_held), Room::WAIT);
    consume(ring, 0);
    EXPECT_EQ(ring.room_for(5, none_held), Room::AVAILABLE);
    EXPECT_EQ(ring.room_for(6, none_held), Room::WAIT);
}

TEST(TaskRingTest, what_an_open_scope_holds_never_makes_room) {
    Ring ring(0, 4, 8);
    ring.open_task(2);
    ring.open_task(2);
    EXPECT_EQ(ring.room_for(6, 1), Room::WAIT) << "the first task is not held";
    EXPECT_EQ(ring.room_for(7, 1), Room::NEVER);
    ring.open_task(0);
    ring.open_task(0);
    EXPECT_EQ(ring.room_for(0, 0), Room::NEVER);
    EXPECT_EQ(ring.room_for(0, 1), Room::WAIT);
    EXPECT_EQ(ring.room_for(0, none_held), Room::WAIT);
}

TEST(TaskRingTest, knows_who_has_been_submitted) {
    Ring ring(0, 4, 4);
    EXPECT_FALSE(ring.has_been_submitted(0));
    EXPECT_FALSE(ring.has_been_submitted(~0u));
    ring.open_task(0);
    EXPECT_TRUE(ring.has_been_submitted(0));
    EXPECT_FALSE(ring.has_been_submitted(1)) << "the next one";
    EXPECT_FALSE(ring.has_been_submitted(2));
    EXPECT_FALSE(ring.has_been_submitted(~0u)) << "before the first";
}

TEST(TaskRingTest, knows_who_has_been_submitted_across_the_wrap_of_their_numbers) {
    constexpr uint64_t wrap = uint64_t{1} << 32;
    Ring ring(0, 4, 4);
    ring.reset(wrap - 2);
    for (uint64_t task = wrap - 2; task < wrap + 2; ++task) {
        EXPECT_FALSE(ring.has_been_submitted(static_cast<uint32_t>(task))) << task;
        ring.open_task(0);
        EXPECT_TRUE(ring.has_been_submitted(static_cast<uint32_t>(task))) << task;
    }
    EXPECT_TRUE(ring.has_been_submitted(0xFFFFFFFE));
    EXPECT_FALSE(ring.has_been_submitted(0xFFFFFFFD)) << "of a run before";
    EXPECT_FALSE(ring.has_been_submitted(2));
    EXPECT_FALSE(ring.has_been_submitted(0x80000000)) << "half a lap away";
    EXPECT_EQ(ring.slot(wrap).task->task_id, pto::PTO2TaskId::make(0, 0));
}

TEST(TaskRingTest, a_reset_begins_where_it_is_told) {
    Ring ring(0, 4, 4);
    for (int i = 0; i < 4; ++i) {
        ring.open_task(1);
    }
    ring.reset(9);
    EXPECT_TRUE(ring.is_all_consumed());
    EXPECT_EQ(ring.submitted(), 9u);
    EXPECT_EQ(ring.consumed(), 9u);
    EXPECT_EQ(ring.room_for(4, none_held), Room::AVAILABLE);
    EXPECT_FALSE(ring.has_been_submitted(3));
    EXPECT_EQ(ring.open_task(4).task->task_id.local(), 9u);
}

}  // namespace
}  // namespace mailproof::test
