// Task slots and dependencies: who is the last subtask, who becomes ready, and when a slot is free,
// alone and with threads that do it at the same time.
#include "src/runtime/fanout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <thread>
#include <vector>

#include "src/a2a3/platform.h"

namespace mailproof::test {
namespace {

using Platform = pto::a2a3::Platform;
using Slot = pto::PTO2TaskSlotState<Platform>;
using Node = pto::FanoutNode<Platform>;

/// A slot with a task in it.
struct Task {
    explicit Task(uint64_t id, int32_t dependencies = 0) : descriptor{id} {
        slot.reset_for_reuse();
        slot.task = &descriptor;
        slot.fanin_count = dependencies;
    }

    /// Completes it and returns the tasks that become ready, in the order of their release.
    std::vector<Slot*> complete() {
        std::vector<Slot*> ready;
        pto::release_consumers(pto::complete_and_take_consumers(slot),
                               [&ready](Slot& consumer) { ready.push_back(&consumer); });
        return ready;
    }

    pto::TaskDescriptor descriptor;
    Slot slot;
};

/// Runs `work(number)` on `threads` threads at once.
template <class Work>
void on_threads(uint32_t threads, Work&& work) {
    std::atomic<uint32_t> missing = threads;
    std::vector<std::thread> running;
    for (uint32_t i = 0; i < threads; ++i) {
        running.emplace_back([&, i] {
            missing.fetch_sub(1);
            while (missing.load() != 0) {
                std::this_thread::yield();
            }
            work(i);
        });
    }
    for (std::thread& thread : running) {
        thread.join();
    }
}

TEST(TaskSlotTest, a_reset_leaves_nothing_of_the_last_task) {
    Slot slot;
    std::memset(static_cast<void*>(&slot), 0xff, sizeof slot);
    slot.reset_for_reuse();
    EXPECT_EQ(slot.fanout_lock, 0);
    EXPECT_EQ(slot.fanout_count, 2);
    EXPECT_EQ(slot.fanout_head, nullptr);
    EXPECT_EQ(slot.task_state, pto::PTO2_TASK_PENDING);
    EXPECT_EQ(slot.fanin_refcount, 0);
    EXPECT_EQ(slot.fanin_count, 0);
    EXPECT_EQ(slot.fanout_refcount, 0);
    EXPECT_EQ(slot.payload, nullptr);
    EXPECT_EQ(slot.task, nullptr);
    EXPECT_EQ(slot.active_mask, 0);
    EXPECT_FALSE(slot.any_subtask_deferred);
    EXPECT_EQ(slot.completed_subtasks, 0);
    EXPECT_EQ(slot.total_required_subtasks, 0);
    EXPECT_EQ(slot.logical_block_num, 0);
    EXPECT_EQ(slot.next_block_idx, 0);
}

TEST(TaskSlotTest, only_the_last_subtask_is_told_so) {
    Task task(1);
    task.slot.total_required_subtasks = 3;
    EXPECT_FALSE(task.slot.on_subtask_complete());
    EXPECT_FALSE(task.slot.on_subtask_complete());
    EXPECT_TRUE(task.slot.on_subtask_complete());
}

TEST(TaskSlotTest, of_all_threads_one_is_last_and_sees_what_the_others_did) {
    for (int round = 0; round < 200; ++round) {
        constexpr uint32_t threads = 3;
        Task task(1);
        task.slot.total_required_subtasks = threads;
        std::array<int, threads> written{};  // plain: handed over by the count
        std::atomic<int> last = 0;
        on_threads(threads, [&](uint32_t i) {
            written[i] = 1;
            if (task.slot.on_subtask_complete()) {
                ++last;
                EXPECT_EQ(std::count(written.begin(), written.end(), 1), threads);
            }
        });
        ASSERT_EQ(last, 1);
    }
}

TEST(TaskSlotTest, the_next_task_may_have_the_slot_at_once_when_the_last_subtask_is_counted) {
    for (int round = 0; round < 200; ++round) {
        Task task(1);
        task.slot.total_required_subtasks = 3;
        on_threads(3, [&](uint32_t) {
            if (task.slot.on_subtask_complete()) {
                task.slot.reset_for_reuse();
            }
        });
        ASSERT_EQ(task.slot.completed_subtasks, 0);
    }
}

TEST(TaskSlotTest, blocks_are_claimed_in_ranges_to_the_end) {
    Task task(1);
    task.slot.logical_block_num = 10;
    int16_t first = -1;
    EXPECT_EQ(task.slot.claim_blocks(4, first), 4);
    EXPECT_EQ(first, 0);
    EXPECT_EQ(task.slot.claim_blocks(0, first), 0);
    EXPECT_EQ(task.slot.claim_blocks(4, first), 4);
    EXPECT_EQ(first, 4);
    EXPECT_EQ(task.slot.claim_blocks(4, first), 2);
    EXPECT_EQ(first, 8);
    EXPECT_EQ(task.slot.claim_blocks(4, first), 0);
    EXPECT_EQ(task.slot.claim_blocks(INT16_MAX, first), 0);
}

TEST(TaskSlotTest, threads_claim_each_block_once) {
    constexpr int16_t blocks = 32767;
    Task task(1);
    task.slot.logical_block_num = blocks;
    std::vector<std::atomic<int>> claimed(blocks);
    on_threads(3, [&](uint32_t i) {
        int16_t first;
        while (const int16_t n = task.slot.claim_blocks(static_cast<int16_t>(i + 1), first)) {
            for (int16_t b = 0; b < n; ++b) {
                ++claimed[static_cast<size_t>(first + b)];
            }
        }
    });
    EXPECT_TRUE(std::all_of(claimed.begin(), claimed.end(), [](int n) { return n == 1; }));
}

TEST(FanoutTest, a_consumer_is_ready_after_its_wiring_and_its_last_producer) {
    Task first(1);
    Task second(2);
    Task consumer(3, 2);
    Node to_first{&consumer.slot, nullptr};
    Node to_second{&consumer.slot, nullptr};
    ASSERT_TRUE(attach_consumer(first.slot, 1, to_first));
    EXPECT_TRUE(first.complete().empty());
    ASSERT_TRUE(attach_consumer(second.slot, 2, to_second));
    EXPECT_TRUE(second.complete().empty()) << "still being wired";
    EXPECT_TRUE(meet_dependency(consumer.slot));
}

TEST(FanoutTest, all_consumers_of_a_task_are_released_once) {
    Task producer(1);
    std::deque<Task> consumers;
    std::array<Node, 5> nodes;
    std::vector<Slot*> expected;
    for (uint64_t i = 0; i < nodes.size(); ++i) {
        Task& consumer = consumers.emplace_back(2 + i, 1);
        nodes[i] = {&consumer.slot, nullptr};
        ASSERT_TRUE(attach_consumer(producer.slot, 1, nodes[i]));
        ASSERT_FALSE(meet_dependency(consumer.slot));
        expected.insert(expected.begin(), &consumer.slot);
    }
    EXPECT_EQ(producer.slot.fanout_count, 2 + 5);
    EXPECT_EQ(producer.complete(), expected);
    EXPECT_EQ(producer.slot.fanout_head, nullptr);
}

TEST(FanoutTest, a_completed_consumed_or_replaced_producer_counts_as_met) {
    Task consumer(9, 1);
    Node node{&consumer.slot, nullptr};
    for (const int32_t state : {pto::PTO2_TASK_COMPLETED, pto::PTO2_TASK_CONSUMED}) {
        Task producer(1);
        producer.slot.task_state = state;
        EXPECT_FALSE(attach_consumer(producer.slot, 1, node)) << state;
        EXPECT_EQ(producer.slot.fanout_count, 2);
    }
    Task replaced(2);
    EXPECT_FALSE(attach_consumer(replaced.slot, 1, node));
    EXPECT_EQ(replaced.slot.fanout_head, nullptr);
    replaced.slot.task = nullptr;
    EXPECT_FALSE(attach_consumer(replaced.slot, 1, node));
    EXPECT_EQ(replaced.slot.fanout_lock, 0);
}

TEST(FanoutTest, a_slot_is_consumed_with_its_last_hold) {
    Task producer(1);
    Task consumer(2, 1);
    Node node{&consumer.slot, nullptr};
    ASSERT_TRUE(attach_consumer(producer.slot, 1, node));
    EXPECT_FALSE(give_back_hold(producer.slot)) << "the scope's";
    producer.complete();
    EXPECT_FALSE(give_back_hold(producer.slot)) << "its own";
    EXPECT_EQ(producer.slot.task_state, pto::PTO2_TASK_COMPLETED);
    EXPECT_TRUE(give_back_hold(producer.slot)) << "the consumer's";
    EXPECT_EQ(producer.slot.task_state, pto::PTO2_TASK_CONSUMED);
    EXPECT_EQ(producer.slot.fanout_lock, 0);
}

TEST(FanoutThreadTest, who_meets_the_last_dependency_sees_what_the_producers_did) {
    for (int round = 0; round < 200; ++round) {
        constexpr uint32_t producers = 3;
        Task consumer(1, producers - 1);       // and its wiring
        std::array<int, producers> written{};  // plain: handed over by the count
        std::atomic<int> times_ready = 0;
        on_threads(producers, [&](uint32_t i) {
            written[i] = 1;
            if (meet_dependency(consumer.slot)) {
                ++times_ready;
                EXPECT_EQ(std::count(written.begin(), written.end(), 1), producers);
            }
        });
        ASSERT_EQ(times_ready, 1);
    }
}

TEST(FanoutThreadTest, the_next_task_may_have_the_consumer_at_once_when_the_last_is_met) {
    for (int round = 0; round < 200; ++round) {
        Task consumer(1, 2);  // and its wiring
        on_threads(3, [&](uint32_t) {
            if (meet_dependency(consumer.slot)) {
                consumer.slot.reset_for_reuse();
            }
        });
        ASSERT_EQ(consumer.slot.fanin_refcount, 0);
    }
}

// One thread attaches consumers as fast as it can, so that it waits for the lock when the other one
// gives it back with the list in its hands.
TEST(FanoutThreadTest, who_is_attached_while_the_producer_completes_is_released) {
    for (int round = 0; round < 100; ++round) {
        Task producer(1);
        std::vector<Node> nodes(10'000);
        std::atomic<size_t> attached = 0;
        size_t released = 0;
        on_threads(2, [&](uint32_t i) {
            if (i == 0) {
                while (attached < nodes.size() &&
                       attach_consumer(producer.slot, 1, nodes[attached])) {
                    ++attached;
                }
                return;
            }
            while (attached < 20) {
                std::this_thread::yield();
            }
            Node* node = complete_and_take_consumers(producer.slot);
            for (; node != nullptr; node = node->next) {
                ++released;
            }
        });
        ASSERT_EQ(released, attached);
    }
}

TEST(FanoutThreadTest, completing_and_attaching_at_once_releases_every_consumer_once) {
    for (int round = 0; round < 300; ++round) {
        constexpr uint32_t consumers = 3;
        Task producer(1);
        int result = 0;  // plain: what the producer computes for its consumers
        std::deque<Task> tasks;
        std::array<Node, consumers> nodes;
        for (uint32_t i = 0; i < consumers; ++i) {
            nodes[i] = {&tasks.emplace_back(2 + i, 1).slot, nullptr};
        }
        std::array<std::atomic<int>, consumers> enqueued{};
        std::atomic<int> times_consumed = 0;
        const auto enqueue = [&](const Slot& slot) {
            EXPECT_EQ(result, 42);
            ++enqueued[slot.task->task_id - 2];
        };
        on_threads(consumers + 1, [&](uint32_t i) {
            if (i == consumers) {
                result = 42;
                release_consumers(complete_and_take_consumers(producer.slot), enqueue);
                times_consumed += give_back_hold(producer.slot);
                times_consumed += give_back_hold(producer.slot);
                return;
            }
            const bool is_attached = attach_consumer(producer.slot, 1, nodes[i]);
            const bool is_met = is_attached || !meet_dependency(tasks[i].slot);
            EXPECT_TRUE(is_met);
            if (meet_dependency(tasks[i].slot)) {
                enqueue(tasks[i].slot);
            }
            if (is_attached) {
                times_consumed += give_back_hold(producer.slot);
            }
        });
        for (const auto& times : enqueued) {
            ASSERT_EQ(times, 1);
        }
        ASSERT_EQ(times_consumed, 1);
        ASSERT_EQ(producer.slot.task_state, pto::PTO2_TASK_CONSUMED);
    }
}

}  // namespace
}  // namespace mailproof::test
