// The ready queue: order, bounds and batches on one thread; unfinished pushes and pops;
// conservation on several threads.
#include "src/runtime/ready_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/sanitized.h"

namespace mailproof::test {
namespace {

struct Task {
    uint32_t producer;
    uint32_t number;
    std::atomic<uint32_t> times_popped = 0;
};

using Queue = pto::ReadyQueue<Task>;

class ReadyQueueTest : public ::testing::TestWithParam<uint64_t> {
  protected:
    uint64_t capacity() const { return GetParam(); }

    Queue queue{GetParam()};
    std::vector<Task> tasks{4 * GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Capacities, ReadyQueueTest, ::testing::Values(1, 2, 4, 64),
                         ::testing::PrintToStringParamName());

TEST_P(ReadyQueueTest, is_first_in_first_out_over_many_laps) {
    uint64_t next_push = 0;
    uint64_t next_pop = 0;
    for (uint64_t lap = 0; lap < 20; ++lap) {
        for (uint64_t i = 0; i < lap % capacity() + 1; ++i) {
            ASSERT_TRUE(queue.push(&tasks[next_push++ % tasks.size()]));
        }
        while (next_pop < next_push) {
            ASSERT_EQ(queue.pop(), &tasks[next_pop++ % tasks.size()]);
        }
        ASSERT_EQ(queue.pop(), nullptr);
        ASSERT_EQ(queue.size(), 0u);
    }
}

TEST_P(ReadyQueueTest, refuses_the_task_too_many_and_takes_it_after_a_pop) {
    for (uint64_t lap = 0; lap < 3; ++lap) {
        for (uint64_t i = 0; i < capacity(); ++i) {
            ASSERT_TRUE(queue.push(&tasks[i]));
        }
        EXPECT_FALSE(queue.push(&tasks[capacity()]));
        EXPECT_EQ(queue.size(), capacity());
        EXPECT_EQ(queue.pop(), &tasks[0]);
        EXPECT_TRUE(queue.push(&tasks[capacity()]));
        for (uint64_t i = 1; i <= capacity(); ++i) {
            ASSERT_EQ(queue.pop(), &tasks[i]);
        }
    }
}

TEST_P(ReadyQueueTest, a_batch_is_cut_to_what_fits_and_keeps_its_order) {
    std::vector<Task*> batch(2 * capacity());
    for (size_t i = 0; i < batch.size(); ++i) {
        batch[i] = &tasks[i];
    }
    const auto n = static_cast<uint32_t>(batch.size());
    EXPECT_EQ(queue.push_batch(batch.data(), n), capacity());
    EXPECT_EQ(queue.push_batch(batch.data(), n), 0u);
    std::vector<Task*> popped(batch.size());
    EXPECT_EQ(queue.pop_batch(popped.data(), n), capacity());
    EXPECT_TRUE(std::equal(popped.begin(), popped.begin() + static_cast<ptrdiff_t>(capacity()),
                           batch.begin()));
    EXPECT_EQ(queue.pop_batch(popped.data(), n), 0u);
}

TEST_P(ReadyQueueTest, batches_of_nothing_do_nothing) {
    Task* task = &tasks[0];
    EXPECT_EQ(queue.push_batch(&task, 0), 0u);
    EXPECT_TRUE(queue.push(task));
    EXPECT_EQ(queue.pop_batch(&task, 0), 0u);
    EXPECT_EQ(queue.pop(), task);
}

TEST_P(ReadyQueueTest, pops_stop_at_an_unfinished_push) {
    uint64_t ticket = 0;
    ASSERT_EQ(queue.try_claim_push(1, ticket), 1u);
    if (capacity() > 1) {
        ASSERT_TRUE(queue.push(&tasks[1]));
    }
    EXPECT_EQ(queue.pop(), nullptr);
    queue.put(ticket, &tasks[0]);
    EXPECT_EQ(queue.pop(), &tasks[0]);
    EXPECT_EQ(queue.pop(), capacity() > 1 ? &tasks[1] : nullptr);
}

TEST_P(ReadyQueueTest, a_push_waits_for_the_one_unfinished_pop_of_its_slot) {
    for (uint64_t i = 0; i < capacity(); ++i) {
        ASSERT_TRUE(queue.push(&tasks[i]));
    }
    uint64_t ticket = 0;
    ASSERT_EQ(queue.try_claim_pop(1, ticket), 1u);
    std::atomic<bool> is_pushed = false;
    std::thread pusher([&] {
        EXPECT_TRUE(queue.push(&tasks[capacity()]));
        is_pushed = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_FALSE(is_pushed);
    EXPECT_EQ(queue.take(ticket), &tasks[0]);
    pusher.join();
    EXPECT_TRUE(is_pushed);
}

// Tickets begin again at 2^64, a slot's sequence word, which is twice a ticket, at half of that.
TEST(ReadyQueueWrapTest, order_and_bounds_hold_past_the_end_of_the_counters) {
    for (const uint64_t end : {uint64_t{0}, uint64_t{1} << 63}) {
        for (const uint64_t capacity : {1u, 2u, 8u}) {
            for (uint64_t before = 0; before <= 2 * capacity; ++before) {
                Queue queue(capacity, end - before);
                std::vector<Task> tasks(6 * capacity);
                for (uint64_t i = 0; i < capacity; ++i) {
                    ASSERT_TRUE(queue.push(&tasks[i]));
                }
                for (uint64_t i = capacity; i < tasks.size(); ++i) {
                    ASSERT_FALSE(queue.push(&tasks[i])) << "full, " << before;
                    ASSERT_EQ(queue.size(), capacity);
                    ASSERT_EQ(queue.pop(), &tasks[i - capacity]);
                    ASSERT_TRUE(queue.push(&tasks[i])) << before;
                }
                std::vector<Task*> left(capacity + 1);
                ASSERT_EQ(queue.pop_batch(left.data(), static_cast<uint32_t>(left.size())),
                          capacity);
                ASSERT_EQ(left[0], &tasks[tasks.size() - capacity]);
                ASSERT_EQ(queue.pop(), nullptr);
                ASSERT_EQ(queue.size(), 0u);
            }
        }
    }
}

TEST(ReadyQueueCapacityTest, is_a_power_of_two) {
    for (const uint64_t wrong : {0U, 3U, 6U, 100U}) {
        EXPECT_THROW(Queue{wrong}, std::invalid_argument) << wrong;
    }
    EXPECT_EQ(Queue{}.capacity(), 65536u);
    try {
        Queue{6};
    } catch (const std::invalid_argument& error) {
        EXPECT_EQ(std::string(error.what()),
                  "ready queue: capacity 6: must be a power of two, 1 to 9223372036854775808");
    }
}

TEST(ReadyQueueLookTest, visits_what_waits_oldest_first_across_the_wrap_of_the_counters) {
    Queue queue(4, ~uint64_t{0} - 1);
    std::vector<Task> tasks(5);
    std::vector<const Task*> seen;
    const auto look = [&] {
        seen.clear();
        queue.for_each([&](const Task& task) { seen.push_back(&task); });
        return seen;
    };
    EXPECT_EQ(look(), std::vector<const Task*>{});
    for (Task& task : tasks) {
        queue.push(&task);
    }
    EXPECT_EQ(look(), (std::vector<const Task*>{&tasks[0], &tasks[1], &tasks[2], &tasks[3]}));
    queue.pop();
    uint64_t unfinished = 0;
    ASSERT_EQ(queue.try_claim_push(1, unfinished), 1u);
    EXPECT_EQ(look(), (std::vector<const Task*>{&tasks[1], &tasks[2], &tasks[3]}));
    queue.put(unfinished, &tasks[4]);
}

// What it visits then is a guess, which ThreadSanitizer calls a race.
TEST(ReadyQueueLookTest, ends_while_threads_push_and_pop) {
    if (is_thread_sanitized) {
        return;
    }
    Queue queue(2);
    Task task;
    std::atomic<bool> is_run = false;
    std::atomic<bool> is_over = false;
    std::thread runner([&] {
        for (int i = 0; i < 1'000'000; ++i) {
            queue.push(&task);
            queue.pop();
        }
        is_run.store(true, std::memory_order_relaxed);
    });
    std::thread looker([&] {
        while (!is_run.load(std::memory_order_relaxed)) {
            queue.for_each([](const Task&) {});
        }
        is_over.store(true, std::memory_order_relaxed);
    });
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!is_over.load(std::memory_order_relaxed)) {
        if (std::chrono::steady_clock::now() > limit) {
            ADD_FAILURE() << "a look goes round the counters";
            std::fflush(nullptr);
            std::_Exit(1);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    looker.join();
    runner.join();
}

/// What each of several consumers saw, in the order in which it saw it.
using Seen = std::vector<const Task*>;

/// Pops one by one or in batches until `missing` is 0.
void consume(Queue& queue, uint32_t batch, std::atomic<int64_t>& missing, Seen& seen) {
    std::vector<Task*> popped(batch);
    while (missing.load(std::memory_order_relaxed) > 0) {
        const uint32_t n = queue.pop_batch(popped.data(), batch);
        for (uint32_t i = 0; i < n; ++i) {
            popped[i]->times_popped.fetch_add(1, std::memory_order_relaxed);
            seen.push_back(popped[i]);
        }
        missing.fetch_sub(n, std::memory_order_relaxed);
        if (n == 0) {
            std::this_thread::yield();
        }
    }
}

void produce(Queue& queue, uint32_t batch, std::vector<Task>& tasks) {
    std::vector<Task*> waiting;
    for (Task& task : tasks) {
        waiting.push_back(&task);
    }
    for (size_t pushed = 0; pushed < waiting.size();) {
        const auto n = static_cast<uint32_t>(std::min<size_t>(batch, waiting.size() - pushed));
        const uint32_t taken = queue.push_batch(waiting.data() + pushed, n);
        pushed += taken;
        if (taken == 0) {
            std::this_thread::yield();
        }
    }
}

bool keeps_every_producers_order(const Seen& seen, uint32_t producers) {
    std::vector<int64_t> last(producers, -1);
    return std::all_of(seen.begin(), seen.end(), [&last](const Task* task) {
        const bool is_later = task->number > last[task->producer];
        last[task->producer] = task->number;
        return is_later;
    });
}

TEST_P(ReadyQueueTest, threads_lose_and_repeat_nothing_and_keep_order) {
    constexpr uint32_t threads = 3;
    constexpr uint32_t per_producer = 5000;
    std::array<std::vector<Task>, threads> all;
    for (uint32_t p = 0; p < threads; ++p) {
        all[p] = std::vector<Task>(per_producer);
        for (uint32_t i = 0; i < per_producer; ++i) {
            all[p][i].producer = p;
            all[p][i].number = i;
        }
    }
    std::array<Seen, threads> seen;
    std::atomic<int64_t> missing = int64_t{threads} * per_producer;
    std::vector<std::thread> running;
    for (uint32_t i = 0; i < threads; ++i) {
        running.emplace_back([&, i] { produce(queue, i + 1, all[i]); });
        running.emplace_back([&, i] { consume(queue, i + 1, missing, seen[i]); });
    }
    for (std::thread& thread : running) {
        thread.join();
    }
    for (const auto& tasks_of_producer : all) {
        for (const Task& task : tasks_of_producer) {
            ASSERT_EQ(task.times_popped, 1u) << task.producer << ":" << task.number;
        }
    }
    for (const Seen& one : seen) {
        EXPECT_TRUE(keeps_every_producers_order(one, threads));
    }
    EXPECT_EQ(queue.pop(), nullptr);
}

}  // namespace
}  // namespace mailproof::test
