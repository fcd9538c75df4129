// A latch that two threads count down: the waiter sees what both did before.
#include "litmus.h"

#include <latch>

LITMUS(latch_two_counts) {
    std::latch latch(2);
    int first = 0;
    int second = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            first = 1;
            latch.count_down();
        },
        [&] {
            second = 1;
            latch.count_down();
        },
        [&] {
            latch.wait();
            r1 = first;
            r2 = second;
        });
    return outcome(r1, r2);
}
ALLOWED({1, 1});
FORBIDDEN({0, 1}, {1, 0}, deadlock, livelock, data_race);
