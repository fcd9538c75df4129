// The watermark: prefixes only, no request lost, and the slots before it free for their next task.
#include "src/runtime/watermark.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

namespace mailproof::test {
namespace {

using pto::RingWatermark;

class WatermarkTest : public ::testing::Test {
  protected:
    void consume(uint64_t task) {
        consumed.at(task) = true;
        watermark.task_consumed([this](uint64_t t) { return t < consumed.size() && consumed[t]; });
    }

    RingWatermark watermark;
    std::vector<bool> consumed = std::vector<bool>(10);
};

TEST_F(WatermarkTest, follows_tasks_in_order) {
    for (uint64_t task = 0; task < 10; ++task) {
        EXPECT_EQ(watermark.value(), task);
        consume(task);
    }
    EXPECT_EQ(watermark.value(), 10u);
}

TEST_F(WatermarkTest, waits_at_a_gap_and_then_passes_all_after_it) {
    consume(1);
    consume(3);
    EXPECT_EQ(watermark.value(), 0u);
    consume(0);
    EXPECT_EQ(watermark.value(), 2u);
    consume(2);
    EXPECT_EQ(watermark.value(), 4u);
}

TEST_F(WatermarkTest, takes_any_order) {
    std::vector<uint64_t> order(10);
    for (uint64_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::shuffle(order.begin(), order.end(), std::mt19937(7));
    for (const uint64_t task : order) {
        consume(task);
        const auto gap = std::find(consumed.begin(), consumed.end(), false);
        EXPECT_EQ(watermark.value(), static_cast<uint64_t>(gap - consumed.begin()));
    }
}

TEST_F(WatermarkTest, a_request_during_the_scan_is_not_lost) {
    // Task 1 is consumed by another thread right after the scan of task 0 has looked at it. That
    // caller finds a scanner at work and leaves.
    bool is_first_look = true;
    const auto is_consumed = [&](uint64_t task) {
        if (task == 1 && is_first_look) {
            is_first_look = false;
            consume(1);
            return false;
        }
        return bool{consumed[task]};
    };
    consumed[0] = true;
    watermark.task_consumed(is_consumed);
    EXPECT_EQ(watermark.value(), 2u);
}

TEST(WatermarkThreadTest, threads_pass_every_task_and_reuse_the_slots_before_it) {
    constexpr uint64_t window = 16;
    constexpr uint64_t tasks = 30'000;
    constexpr uint32_t threads = 3;
    struct Slot {
        std::atomic<uint64_t> consumed_task_plus_1 = 0;
        uint64_t payload = 0;  // plain: owned by the task that lives here
    };
    std::array<Slot, window> slots;
    RingWatermark watermark;
    std::atomic<uint64_t> next_task = 0;
    const auto is_consumed = [&slots](uint64_t task) {
        // Acquire: pairs with the release store below; the scanner may see the mark before it
        // sees the request.
        return slots[task % window].consumed_task_plus_1.load(std::memory_order_acquire) ==
               task + 1;
    };
    const auto work = [&] {
        for (;;) {
            const uint64_t task = next_task.fetch_add(1, std::memory_order_relaxed);
            if (task >= tasks) {
                return;
            }
            while (task >= watermark.value() + window) {
                std::this_thread::yield();
            }
            Slot& slot = slots[task % window];
            slot.payload += task;
            slot.consumed_task_plus_1.store(task + 1, std::memory_order_release);
            watermark.task_consumed(is_consumed);
        }
    };
    std::vector<std::thread> running;
    for (uint32_t i = 0; i < threads; ++i) {
        running.emplace_back(work);
    }
    for (std::thread& thread : running) {
        thread.join();
    }
    EXPECT_EQ(watermark.value(), tasks);
    uint64_t sum = 0;
    for (const Slot& slot : slots) {
        sum += slot.payload;
    }
    EXPECT_EQ(sum, tasks * (tasks - 1) / 2);
}

}  // namespace
}  // namespace mailproof::test
