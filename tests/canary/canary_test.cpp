// Canaries: each case does one wrong thing on purpose. The comments after it are what FileCheck
// must find in its output, in the builds that must notice. Cases run one at a time, never in a
// normal run.
//
// A sanitizer must stop a case where it is, before GoogleTest can print that it is OK. The exit
// status tells a report from a crash and from a program that did not start.
#include <gtest/gtest.h>

#include <climits>
#include <memory>
#include <thread>
#include <vector>

namespace {

TEST(Canary, counts_wrong) { EXPECT_EQ(2 + 2, 5); }
// counts_wrong-NOT: OK ]
// counts_wrong: FAILED  ] Canary.counts_wrong
// counts_wrong-NOT: OK ]
// counts_wrong: exit status 1

TEST(Canary, reads_past_the_end) {
    const std::vector<char> bytes(8);
    const volatile char* const data = bytes.data();
    volatile size_t index = 8;
    static_cast<void>(data[index]);
}
// reads_past_the_end-NOT: OK ]
// reads_past_the_end: AddressSanitizer: heap-buffer-overflow
// reads_past_the_end-NOT: OK ]
// reads_past_the_end: exit status 1

TEST(Canary, overflows) {
    volatile int largest = INT_MAX;
    const int one_more = largest + 1;
    static_cast<void>(one_more);
}
// overflows-NOT: OK ]
// overflows: runtime error: signed integer overflow
// overflows-NOT: OK ]
// overflows: exit status 1

int* volatile kept_for_a_moment;

TEST(Canary, leaks) {
    kept_for_a_moment = new int[1000];
    kept_for_a_moment = nullptr;
}
// A leak shows only when the program ends, after a case that was OK.
// leaks: OK ] Canary.leaks
// leaks: LeakSanitizer: detected memory leaks
// leaks: exit status 1

TEST(Canary, races) {
    auto counter = std::make_unique<int>(0);
    std::jthread other([&counter] { ++*counter; });
    ++*counter;
}
// races-NOT: OK ]
// races: ThreadSanitizer: data race
// races-NOT: OK ]
// races: exit status 66

}  // namespace
