// What the threads of a run share about it, and what each has for itself: errors, counts, and the
// watch over progress.
#include "src/runtime/run_state.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "src/a2a3/platform.h"
#include "src/runtime/scheduler_thread.h"
#include "src/runtime/watchdog.h"

namespace mailproof::test {
namespace {

using Thread = pto::SchedulerThread<pto::a2a3::Platform>;

TEST(RunStateTest, begins_without_error_tasks_or_end) {
    const pto::RunState run;
    EXPECT_FALSE(run.is_stopped());
    EXPECT_FALSE(run.is_submission_finished());
    EXPECT_EQ(run.submitted(), 0u);
    EXPECT_EQ(run.status(), 0);
}

TEST(RunStateTest, the_first_error_stops_the_run_and_stays) {
    pto::RunState run;
    run.latch_error(101);
    EXPECT_TRUE(run.is_stopped());
    run.latch_error(103);
    EXPECT_EQ(run.sched_error_code(), 101);
    EXPECT_EQ(run.status(), -101);
}

TEST(RunStateTest, a_negative_code_stays_negative_in_the_status) {
    for (const int32_t code : {-1, -7, -103, INT32_MIN}) {
        pto::RunState run;
        run.latch_error(code);
        EXPECT_EQ(run.status(), code);
    }
}

TEST(RunStateTest, a_reset_forgets_everything) {
    pto::RunState run;
    run.task_submitted();
    run.task_submitted();
    EXPECT_EQ(run.submitted(), 2u);
    run.finish_submission();
    run.latch_error(5);
    run.reset();
    EXPECT_FALSE(run.is_stopped());
    EXPECT_FALSE(run.is_submission_finished());
    EXPECT_EQ(run.submitted(), 0u);
    EXPECT_EQ(run.status(), 0);
}

TEST(RunStateThreadTest, of_many_errors_one_is_kept_and_every_thread_sees_that_one) {
    for (int round = 0; round < 200; ++round) {
        pto::RunState run;
        std::vector<int32_t> seen(3);
        std::vector<std::thread> threads;
        for (int32_t i = 0; i < 3; ++i) {
            threads.emplace_back([&, i] {
                run.latch_error(101 + i);
                seen[static_cast<size_t>(i)] = run.sched_error_code();
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        EXPECT_EQ(seen, std::vector<int32_t>(3, run.sched_error_code()));
    }
}

TEST(RunStateThreadTest, who_stops_sees_the_error_and_what_came_before_it) {
    pto::RunState run;
    int cause = 0;  // plain: handed over by the stop flag
    std::thread other([&] {
        cause = 42;
        run.latch_error(102);
    });
    while (!run.is_stopped()) {
        std::this_thread::yield();
    }
    EXPECT_EQ(run.sched_error_code(), 102);
    EXPECT_EQ(cause, 42);
    other.join();
}

TEST(RunStateThreadTest, who_sees_the_end_of_submission_sees_all_of_it) {
    pto::RunState run;
    int last_task = 0;  // plain: handed over by the flag
    std::thread submitter([&] {
        for (int i = 1; i <= 100; ++i) {
            last_task = i;
            run.task_submitted();
        }
        run.finish_submission();
    });
    while (!run.is_submission_finished()) {
        std::this_thread::yield();
    }
    EXPECT_EQ(run.submitted(), 100u);
    EXPECT_EQ(last_task, 100);
    submitter.join();
}

TEST(SchedulerThreadTest, a_reset_forgets_the_run) {
    Thread thread(3, 10);
    EXPECT_EQ(thread.index, 3u);
    pto::PTO2TaskSlotState<pto::a2a3::Platform> slot{};
    thread.add_completed(2);
    thread.add_completed(0);
    thread.add_progress();
    thread.releases[thread.release_count++] = &slot;
    for (uint8_t shape = 0; shape < pto::TASK_SHAPES; ++shape) {
        thread.ready.push(static_cast<pto::TaskShape>(shape), slot);
    }
    EXPECT_FALSE(thread.watchdog.is_expired(1, 0));
    EXPECT_EQ(thread.completed.load(), 2u);
    EXPECT_EQ(thread.progress.load(), 1u);
    thread.reset();
    EXPECT_EQ(thread.completed.load(), 0u);
    EXPECT_EQ(thread.progress.load(), 0u);
    EXPECT_EQ(thread.release_count, 0);
    for (uint8_t shape = 0; shape < pto::TASK_SHAPES; ++shape) {
        EXPECT_EQ(thread.ready.pop(static_cast<pto::TaskShape>(shape)), nullptr);
    }
    EXPECT_FALSE(thread.watchdog.is_expired(1, 100)) << "its time begins anew";
}

TEST(SchedulerThreadTest, who_sees_a_completed_task_counted_sees_its_work) {
    Thread thread(0, 10);
    int result = 0;  // plain: handed over by the count
    std::thread scheduler([&] {
        result = 42;
        thread.add_completed(1);
    });
    while (thread.completed.load(std::memory_order_acquire) == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(result, 42);
    scheduler.join();
}

TEST(WatchdogTest, expires_when_nothing_has_changed_for_the_limit) {
    pto::Watchdog watchdog(100);
    EXPECT_FALSE(watchdog.is_expired(7, 1000)) << "its time begins";
    EXPECT_FALSE(watchdog.is_expired(7, 1099));
    EXPECT_TRUE(watchdog.is_expired(7, 1100));
}

TEST(WatchdogTest, any_change_begins_its_time_anew) {
    pto::Watchdog watchdog(100);
    EXPECT_FALSE(watchdog.is_expired(7, 0));
    EXPECT_FALSE(watchdog.is_expired(8, 100));
    EXPECT_FALSE(watchdog.is_expired(8, 199));
    EXPECT_TRUE(watchdog.is_expired(8, 200));
}

TEST(WatchdogTest, a_pause_forgets_the_time_that_went_by) {
    pto::Watchdog watchdog(100);
    EXPECT_FALSE(watchdog.is_expired(7, 0));
    watchdog.pause();
    EXPECT_FALSE(watchdog.is_expired(7, 500));
    EXPECT_TRUE(watchdog.is_expired(7, 600));
}

}  // namespace
}  // namespace mailproof::test
