// Two threads that try to be the first: a compare-exchange succeeds for exactly one.
#include "litmus.h"

LITMUS(compare_exchange_one_winner) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            int expected = 0;
            r1 = x.compare_exchange_strong(expected, 1, relaxed, relaxed);
        },
        [&] {
            int expected = 0;
            r2 = x.compare_exchange_strong(expected, 2, relaxed, relaxed);
        });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({0, 1, 2}, {1, 0, 1});
FORBIDDEN({1, 1, 1}, {1, 1, 2}, {0, 0, 0});
