// Canaries: each case does one wrong thing on purpose. Run by expect_report.py, one at a time, in
// the builds that must notice; never part of a normal run.
#include <gtest/gtest.h>

#include <climits>
#include <memory>
#include <thread>
#include <vector>

namespace {

TEST(Canary, counts_wrong) { EXPECT_EQ(2 + 2, 5); }

TEST(Canary, reads_behind_the_end) {
    const std::vector<char> bytes(8);
    const volatile char* const data = bytes.data();
    volatile size_t index = 8;
    static_cast<void>(data[index]);
}

TEST(Canary, overflows) {
    volatile int largest = INT_MAX;
    const int one_more = largest + 1;
    static_cast<void>(one_more);
}

int* volatile kept_for_a_moment;

TEST(Canary, leaks) {
    kept_for_a_moment = new int[1000];
    kept_for_a_moment = nullptr;
}

TEST(Canary, races) {
    auto counter = std::make_unique<int>(0);
    std::jthread other([&counter] { ++*counter; });
    ++*counter;
}

}  // namespace
