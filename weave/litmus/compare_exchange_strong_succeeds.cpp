// A strong compare-exchange of the expected value does not fail.
#include "litmus.h"

LITMUS(compare_exchange_strong_succeeds) {
    std::atomic<int> x = 1;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] {
        int expected = 1;
        r1 = x.compare_exchange_strong(expected, 2, relaxed, relaxed);
        r2 = expected;
    });
    return outcome(r1, r2);
}
ALLOWED({1, 1});
FORBIDDEN({0, 1});
