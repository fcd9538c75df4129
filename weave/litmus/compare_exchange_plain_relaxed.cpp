// Plain data handed over by relaxed compare-exchanges: one succeeds after the other, yet nothing
// synchronises, so the read races.
#include "litmus.h"

LITMUS(compare_exchange_plain_relaxed) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = -1;
    concurrently(
        [&] {
            data = 1;
            int expected = 0;
            flag.compare_exchange_strong(expected, 1, relaxed, relaxed);
        },
        [&] {
            int expected = 1;
            if (flag.compare_exchange_strong(expected, 2, relaxed, relaxed)) {
                r1 = data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, data_race);
FORBIDDEN({0}, {1});
