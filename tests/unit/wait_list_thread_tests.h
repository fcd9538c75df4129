// The wait list with real threads: several of them push, poll and hand the lock to each other.
// ThreadSanitizer watches the edges; the counts show whether a task was lost or completed twice.
//
// Included once by each platform's translation unit, after it has named TestedPlatform.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "tests/unit/wait_list_rig.h"

namespace mailproof::test {

template <class Platform>
class WaitListThreadTest : public ::testing::Test {};

TYPED_TEST_SUITE(WaitListThreadTest, ::testing::Types<TestedPlatform>, PlatformName);

TYPED_TEST(WaitListThreadTest, pushes_interleaved_with_a_poller_complete_each_task_once) {
    const auto owned_rig = std::make_unique<WaitListRig<TypeParam>>();
    auto& rig = *owned_rig;
    for (int i = 0; i < 64; ++i) {
        rig.add_task();
    }
    int32_t completed = 0;
    std::atomic<bool> stop = false;
    std::thread poller([&] {
        while (!stop.load()) {
            completed += rig.poll().completed;
        }
    });
    for (auto& task : rig.tasks) {
        rig.push_done(task);
        std::this_thread::yield();
    }
    stop.store(true);
    poller.join();
    completed += rig.poll().completed;

    EXPECT_EQ(completed, 64);
    EXPECT_EQ(rig.waiting(), 0);
    EXPECT_FALSE(rig.mailbox.has_pending());
    typename WaitListRig<TypeParam>::Slots in_push_order;
    for (auto& task : rig.tasks) {
        in_push_order.push_back(&task.slot);
    }
    EXPECT_EQ(rig.scheduler.completed, in_push_order);
}

TYPED_TEST(WaitListThreadTest, who_sees_a_task_completed_sees_what_happened_before) {
    const auto owned_rig = std::make_unique<WaitListRig<TypeParam>>();
    auto& rig = *owned_rig;
    rig.add_task();
    auto& task = rig.tasks.front();
    uint64_t produced = 0;  // plain on purpose: only the task's state orders it
    std::thread poller([&] {
        produced = 42;
        rig.push_done(task);
        rig.poll();
    });
    while (task.slot.task_state.load(std::memory_order_acquire) != pto::PTO2_TASK_COMPLETED) {
        std::this_thread::yield();
    }
    EXPECT_EQ(produced, 42u);
    poller.join();
}

/// What a subtask produced before it raised its counter; read by the thread that completes the
/// task. Plain on purpose: only the counter and the lock order it.
template <class Platform>
class ReadingScheduler final : public pto::CompletionScheduler<Platform> {
  public:
    using Slot = pto::PTO2TaskSlotState<Platform>;

    struct Work {
        uint64_t produced = 0;
        uint64_t seen = 0;
        uint32_t completions = 0;
        uint32_t releases = 0;
    };

    /// A task's id is its index in `all_work`.
    explicit ReadingScheduler(std::vector<Work>& all_work) : work(all_work) {}

    void on_mixed_task_complete(Slot& slot,
                                pto::PTO2LocalReadyBuffer<Platform>*) noexcept override {
        Work& done = work_of(slot);
        done.seen = done.produced;
        ++done.completions;
    }
    void on_task_release(Slot& slot) noexcept override { ++work_of(slot).releases; }

  private:
    Work& work_of(const Slot& slot) { return work[slot.task->task_id]; }

    std::vector<Work>& work;
};

// Every thread is a FIN thread and a consumer in turn, and the ring has four slots: a push that
// meets a full ring polls, and tries again. No thread ever waits for the lock.
TYPED_TEST(WaitListThreadTest, threads_that_push_and_poll_complete_each_task_once) {
    using Tiny = WithRingOf<TypeParam, 4>;
    using Rig = WaitListRig<Tiny>;
    using Work = typename ReadingScheduler<Tiny>::Work;
    constexpr size_t thread_count = 3;
    constexpr size_t tasks_per_thread = 2000;
    constexpr size_t task_count = thread_count * tasks_per_thread;

    const auto owned_rig = std::make_unique<Rig>();
    auto& list = owned_rig->list;
    auto& mailbox = owned_rig->mailbox;
    std::vector<Task<Tiny>> tasks(task_count);
    std::vector<uint32_t> counters(task_count);
    std::vector<Work> work(task_count);
    ReadingScheduler<Tiny> scheduler(work);
    for (size_t i = 0; i < task_count; ++i) {
        tasks[i].descriptor.task_id = i;
        tasks[i].slot.task = &tasks[i].descriptor;
    }
    std::atomic<int32_t> completed = 0;

    const auto poll = [&] {
        int32_t unused_count = 0;
        const auto result = list.template poll_and_complete<true>(&mailbox, &scheduler, nullptr,
                                                                  nullptr, unused_count, 0);
        completed.fetch_add(result.completed);
        if (result.error_code != 0) {
            ADD_FAILURE() << "error " << result.error_code;
            std::abort();  // every thread would loop forever
        }
    };
    const auto push_until_taken = [&](auto&& push) {
        while (!push()) {
            list.mpsc_skipped_count.fetch_add(1, std::memory_order_relaxed);
            poll();
            std::this_thread::yield();
        }
    };
    const auto run_task = [&](size_t i) {
        const uint64_t counter = reinterpret_cast<uintptr_t>(&counters[i]);
        const uint32_t conditions = static_cast<uint32_t>(i % 3);
        for (uint32_t c = 1; c <= conditions; ++c) {
            push_until_taken(
                [&] { return mailbox.try_push_condition(tasks[i].token(), counter, c, 0, 0); });
        }
        if (conditions == 0) {
            work[i].produced = i + 1;
        }
        push_until_taken([&] {
            return mailbox.try_push_normal_done(tasks[i].token(), tasks[i].slot_address());
        });
        for (uint32_t value = 1; value <= conditions; ++value) {
            if (value == conditions) {
                work[i].produced = i + 1;
            }
            std::atomic_ref<uint32_t>(counters[i]).store(value, std::memory_order_release);
        }
        while (tasks[i].state() == pto::PTO2_TASK_PENDING) {
            poll();
            std::this_thread::yield();
        }
    };

    std::atomic<bool> stop = false;
    std::jthread onlooker([&] {
        // The gate and the diagnostics are read without the lock.
        while (!stop.load()) {
            EXPECT_LE(list.count.load(), 64);
            EXPECT_EQ(list.error_code.load(), 0);
            EXPECT_GE(list.mpsc_skipped_count.load() + list.profile.polls.load() +
                          list.profile.messages.load() + list.profile.entries_visited.load(),
                      0u);
            std::this_thread::yield();
        }
    });
    {
        std::vector<std::jthread> threads;
        for (size_t t = 0; t < thread_count; ++t) {
            threads.emplace_back([&, t] {
                for (size_t i = t; i < task_count; i += thread_count) {
                    run_task(i);
                }
            });
        }
    }
    stop.store(true);
    onlooker.join();

    EXPECT_EQ(completed.load(), static_cast<int32_t>(task_count));
    EXPECT_EQ(list.count.load(), 0);
    EXPECT_EQ(list.busy.load(), 0);
    EXPECT_FALSE(mailbox.has_pending());
    for (size_t i = 0; i < task_count; ++i) {
        EXPECT_EQ(work[i].completions, 1u) << i;
        EXPECT_EQ(work[i].releases, 1u) << i;
        EXPECT_EQ(work[i].seen, i + 1) << i;
    }
}

/// Fills the ring again, from another thread, during the second half of a drain.
template <class Platform, class Refill>
class RefillingScheduler final : public pto::CompletionScheduler<Platform> {
  public:
    RefillingScheduler(size_t first_call, Refill refill_ring)
        : refill_at(first_call), refill(refill_ring) {}

    void on_mixed_task_complete(pto::PTO2TaskSlotState<Platform>&,
                                pto::PTO2LocalReadyBuffer<Platform>*) noexcept override {
        if (++calls == refill_at) {
            std::thread(refill).join();
        }
    }
    void on_task_release(pto::PTO2TaskSlotState<Platform>&) noexcept override {}

  private:
    size_t calls = 0;
    size_t refill_at;
    Refill refill;
};

TYPED_TEST(WaitListThreadTest, diagnostics_race_with_nothing) {
    const auto owned_rig = std::make_unique<WaitListRig<TypeParam>>();
    auto& rig = *owned_rig;
    uint32_t& counter = rig.add_counter();
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> nowhere(std::fopen("/dev/null", "w"),
                                                                  &std::fclose);
    ASSERT_NE(nowhere, nullptr);
    std::atomic<bool> stop = false;
    std::thread observer([&] {
        do {
            rig.list.log_diagnostics(&rig.mailbox, "a test", /*warn=*/false, nowhere.get());
        } while (!stop.load());
    });
    int32_t completed = 0;
    for (int i = 0; i < 60; ++i) {
        rig.push_waiting_tasks(1, counter);
        completed += rig.poll().completed;
        std::this_thread::yield();
    }
    std::atomic_ref<uint32_t>(counter).store(1);
    stop.store(true);
    observer.join();
    completed += rig.poll().completed;
    EXPECT_EQ(completed, 60);
}

// A drain holds the lock, so producers that keep up with it must not be able to keep it there.
TYPED_TEST(WaitListThreadTest, a_drain_ends_after_capacity_messages_though_the_ring_fills_again) {
    using Small = WithRingOf<TypeParam, 256>;
    const auto owned_rig = std::make_unique<WaitListRig<Small>>();
    auto& rig = *owned_rig;
    for (int i = 0; i < 512; ++i) {
        rig.add_task();
    }
    size_t pushed = 0;
    const auto push_what_fits = [&] {
        while (pushed < rig.tasks.size() &&
               rig.mailbox.try_push_normal_done(rig.tasks[pushed].token(),
                                                rig.tasks[pushed].slot_address())) {
            ++pushed;
        }
    };
    push_what_fits();
    ASSERT_EQ(pushed, 256u);
    RefillingScheduler<Small, decltype(push_what_fits)> scheduler(250, push_what_fits);
    typename WaitListRig<Small>::Sink sink{&scheduler};
    const auto drained = rig.drain_into(sink);
    ASSERT_GT(pushed, 256u) << "the drain gives slots back while it works";
    EXPECT_EQ(drained.taken, 256);
    EXPECT_EQ(drained.completed, 256);
    EXPECT_EQ(rig.left_in_mailbox(), pushed - 256);
}

}  // namespace mailproof::test
