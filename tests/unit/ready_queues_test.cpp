// Where ready tasks wait: which queue, the thread's own buffer first, and no task lost when that
// overflows.
#include "src/runtime/ready_queues.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "src/a2a3/platform.h"

namespace mailproof::test {
namespace {

using Platform = pto::a2a3::Platform;
using Slot = pto::PTO2TaskSlotState<Platform>;
using Queues = pto::ReadyQueues<Platform>;
using Local = pto::PTO2LocalReadyBuffer<Platform>;
using Shape = pto::TaskShape;

class ReadyQueuesTest : public ::testing::Test {
  protected:
    Slot& task(uint8_t active_mask) {
        Slot& slot = slots.emplace_back();
        slot.active_mask = active_mask;
        return slot;
    }

    std::vector<Slot*> pop_all(Shape shape, Local& buffer) {
        std::vector<Slot*> popped;
        while (Slot* const slot = queues.pop(shape, buffer)) {
            popped.push_back(slot);
        }
        return popped;
    }

    pto::RunState run;
    Queues queues{256, run};
    const std::unique_ptr<Local> owned_local = std::make_unique<Local>();
    const std::unique_ptr<Local> owned_other = std::make_unique<Local>();
    Local& local = *owned_local;
    Local& other = *owned_other;
    std::deque<Slot> slots;
};

TEST(TaskShapeTest, is_what_the_cores_of_a_block_make_it) {
    EXPECT_EQ(pto::task_shape(0), Shape::DUMMY);
    EXPECT_EQ(pto::task_shape(1), Shape::AIC);
    EXPECT_EQ(pto::task_shape(2), Shape::AIV);
    EXPECT_EQ(pto::task_shape(4), Shape::AIV);
    EXPECT_EQ(pto::task_shape(3), Shape::MIX_AIC_AIV0);
    EXPECT_EQ(pto::task_shape(5), Shape::MIX_AIC_AIV1);
    EXPECT_EQ(pto::task_shape(6), Shape::MIX_AIV0_AIV1);
    EXPECT_EQ(pto::task_shape(7), Shape::MIX_ALL);
    for (uint8_t shape = 0; shape < pto::TASK_SHAPES; ++shape) {
        EXPECT_EQ(pto::task_shape(pto::cores_of(Shape{shape})), Shape{shape}) << int{shape};
    }
}

TEST_F(ReadyQueuesTest, a_capacity_that_is_not_a_power_of_two_is_refused) {
    for (const uint64_t capacity : {uint64_t{0}, uint64_t{3}, uint64_t{65535}}) {
        EXPECT_THROW(Queues(capacity, run), std::invalid_argument) << capacity;
    }
}

TEST_F(ReadyQueuesTest, a_task_waits_in_the_queue_of_its_shape) {
    const uint8_t mask_of[] = {0, 1, 2, 3, 5, 6, 7};
    for (uint8_t i = 0; i < pto::TASK_SHAPES; ++i) {
        const Shape shape = static_cast<Shape>(i);
        Slot& slot = task(mask_of[i]);
        EXPECT_FALSE(queues.has_ready(shape, local));
        queues.enqueue(slot, nullptr);
        EXPECT_TRUE(queues.has_ready(shape, local));
        EXPECT_FALSE(queues.is_empty());
        EXPECT_EQ(queues.queue(shape).size(), 1u);
        EXPECT_EQ(queues.pop(shape, local), &slot);
        EXPECT_TRUE(queues.is_empty());
    }
}

TEST_F(ReadyQueuesTest, what_a_thread_made_ready_it_takes_first_and_last_in_first_out) {
    Slot& shared = task(1);
    Slot& first = task(1);
    Slot& second = task(1);
    queues.enqueue(shared, nullptr);
    queues.enqueue(first, &local);
    queues.enqueue(second, &local);
    EXPECT_TRUE(queues.has_ready(Shape::AIC, local));
    EXPECT_EQ(pop_all(Shape::AIC, other), std::vector<Slot*>{&shared}) << "kept for its thread";
    EXPECT_EQ(pop_all(Shape::AIC, local), (std::vector<Slot*>{&second, &first}));
}

TEST_F(ReadyQueuesTest, what_does_not_fit_into_a_buffer_goes_to_all) {
    std::vector<Slot*> kept;
    for (uint32_t i = 0; i < Local::capacity; ++i) {
        kept.insert(kept.begin(), &task(2));
        queues.enqueue(*kept.front(), &local);
    }
    EXPECT_TRUE(queues.is_empty());
    Slot& too_many = task(2);
    queues.enqueue(too_many, &local);
    Slot& of_another_shape = task(1);
    queues.enqueue(of_another_shape, &local);
    EXPECT_EQ(pop_all(Shape::AIV, other), std::vector<Slot*>{&too_many});
    EXPECT_EQ(pop_all(Shape::AIC, other), std::vector<Slot*>{});
    EXPECT_EQ(pop_all(Shape::AIV, local), kept);
    EXPECT_EQ(pop_all(Shape::AIC, local), std::vector<Slot*>{&of_another_shape});
}

TEST_F(ReadyQueuesTest, what_is_handed_on_is_in_the_shared_queue_only) {
    std::vector<Slot*> dummies;
    for (int i = 0; i < 3; ++i) {
        dummies.push_back(&task(0));
        queues.enqueue(*dummies.back(), &local);
    }
    Slot& mix = task(3);
    queues.enqueue(mix, &local);
    queues.hand_on(local);
    EXPECT_EQ(pop_all(Shape::DUMMY, other), dummies);
    EXPECT_EQ(pop_all(Shape::MIX_AIC_AIV0, other), std::vector<Slot*>{&mix});
    queues.hand_on(local);
    EXPECT_TRUE(queues.is_empty()) << "handed on once";
}

TEST_F(ReadyQueuesTest, dropping_empties_every_queue) {
    constexpr uint8_t masks[] = {0, 1, 2, 3, 4, 5, 6, 7};
    for (const uint8_t mask : masks) {
        queues.enqueue(task(mask), nullptr);
    }
    queues.drop_all();
    EXPECT_TRUE(queues.is_empty());
}

// Cannot happen in a scheduler, whose queues have room for every task. Even so no task is lost, and
// no thread spins on after the end of the run.
TEST_F(ReadyQueuesTest, a_push_into_a_full_queue_waits_for_room) {
    Queues tiny(1, run);
    Slot& first = task(1);
    Slot& second = task(1);
    tiny.enqueue(first, nullptr);
    std::thread pusher([&] { tiny.enqueue(second, nullptr); });
    // Time for it to find the queue full; without, it would see less.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(tiny.pop(Shape::AIC, local), &first);
    pusher.join();
    EXPECT_EQ(tiny.pop(Shape::AIC, local), &second);
}

TEST_F(ReadyQueuesTest, a_push_into_a_full_queue_ends_with_the_run) {
    Queues tiny(1, run);
    Slot& first = task(1);
    tiny.enqueue(first, nullptr);
    run.latch_error(100);
    tiny.enqueue(task(1), nullptr);
    EXPECT_EQ(tiny.pop(Shape::AIC, local), &first);
    EXPECT_TRUE(tiny.is_empty());
}

}  // namespace
}  // namespace mailproof::test
