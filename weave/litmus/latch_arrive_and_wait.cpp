// Two threads that arrive at a latch and wait for each other: each sees what the other one did
// before.
#include "litmus.h"

#include <latch>

LITMUS(latch_arrive_and_wait) {
    std::latch latch(2);
    int first = 0;
    int second = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            first = 1;
            latch.arrive_and_wait();
            r1 = second;
        },
        [&] {
            second = 1;
            latch.arrive_and_wait();
            r2 = first;
        });
    return outcome(r1, r2);
}
ALLOWED({1, 1});
FORBIDDEN({0, 1}, {1, 0}, deadlock, livelock, data_race);
