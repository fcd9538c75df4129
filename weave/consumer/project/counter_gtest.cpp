// GoogleTest cases of a counter, for weave::gtest_main: one that holds in all executions, one that
// loses an increment in some, and one without a second thread.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

TEST(Counter, counts_both_threads) {
    std::atomic<int> count{0};
    std::thread other([&] { count.fetch_add(1); });
    count.fetch_add(1);
    other.join();
    EXPECT_EQ(count, 2);
}

TEST(Counter, counts_both_threads_with_load_and_store) {
    std::atomic<int> count{0};
    std::thread other([&] { count = count + 1; });
    count = count + 1;
    other.join();
    EXPECT_EQ(count, 2);
}

TEST(Counter, begins_at_0) { EXPECT_EQ(std::atomic<int>{}, 0); }

}  // namespace
