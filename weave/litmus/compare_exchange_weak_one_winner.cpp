// Two weak compare-exchanges: never both succeed, but both may fail.
#include "litmus.h"

LITMUS(compare_exchange_weak_one_winner) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            int expected = 0;
            r1 = x.compare_exchange_weak(expected, 1, relaxed, relaxed);
        },
        [&] {
            int expected = 0;
            r2 = x.compare_exchange_weak(expected, 2, relaxed, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0});
FORBIDDEN({1, 1});
