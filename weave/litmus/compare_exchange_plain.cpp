// Plain data handed over by compare-exchanges that acquire and release: the winner's data are seen
// by the loser, without a race.
#include "litmus.h"

LITMUS(compare_exchange_plain) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = -1;
    concurrently(
        [&] {
            data = 1;
            int expected = 0;
            flag.compare_exchange_strong(expected, 1, release, relaxed);
        },
        [&] {
            int expected = 1;
            if (flag.compare_exchange_strong(expected, 2, acquire, relaxed)) {
                r1 = data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, {1});
FORBIDDEN({0}, data_race);
