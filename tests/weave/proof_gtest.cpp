// A proof as a unit test, as weave/README.md shows it, and the same of code that is wrong.
#include <weave/weave.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cassert>
#include <thread>

namespace {

TEST(Counter, counts_both_threads) {
    const weave::Options all{.mode = weave::Mode::exhaustive, .executions = 0};
    const weave::Result proof = weave::explore(all, [] {
        std::atomic<int> count{0};
        std::thread other([&] { count.fetch_add(1, std::memory_order_relaxed); });
        count.fetch_add(1, std::memory_order_relaxed);
        other.join();
        assert(count.load(std::memory_order_relaxed) == 2);
    });
    EXPECT_EQ(proof.verdict, weave::Verdict::ok) << proof.finding.report;
    EXPECT_TRUE(proof.is_complete);
}

TEST(Counter, of_loads_and_stores_loses_a_thread) {
    const weave::Options all{.mode = weave::Mode::exhaustive, .executions = 0, .is_quiet = true};
    const weave::Result result = weave::explore(all, [] {
        std::atomic<int> count{0};
        std::thread other([&] { count.store(count.load() + 1); });
        count.store(count.load() + 1);
        other.join();
        assert(count.load() == 2);
    });
    EXPECT_EQ(result.verdict, weave::Verdict::assertion);
    EXPECT_FALSE(result.is_complete);
    ASSERT_EQ(result.bounds.size(), 1u);
    EXPECT_EQ(result.bounds[0].by, "finding");
}

TEST(Counter, is_proved_by_two_processes_too) {
    const weave::Options all{.mode = weave::Mode::exhaustive, .executions = 0};
    const auto body = [] {
        std::atomic<int> count{0};
        const auto add_three = [&] {
            for (int i = 0; i < 3; ++i) {
                count.fetch_add(1, std::memory_order_relaxed);
            }
        };
        std::thread first(add_three);
        std::thread second(add_three);
        add_three();
        first.join();
        second.join();
        assert(count.load(std::memory_order_relaxed) == 9);
    };
    const weave::Result one = weave::explore(all, body);
    weave::Options with_jobs = all;
    with_jobs.jobs = 2;
    const weave::Result two = weave::explore(with_jobs, body);
    EXPECT_EQ(one.executions, 1680u);  // 9! / (3! 3! 3!)
    EXPECT_EQ(two.executions, one.executions);
    EXPECT_TRUE(one.is_complete && two.is_complete);
    weave::Options only_estimate = all;
    only_estimate.estimates = true;
    only_estimate.is_quiet = true;
    const weave::Estimate guess = weave::explore(only_estimate, body).estimate;
    EXPECT_LE(guess.low, 1680);
    EXPECT_GE(guess.high, 1680);
}

}  // namespace
