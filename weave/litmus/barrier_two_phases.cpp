// Two threads that meet at a barrier twice: the data are written by one in the first phase, by the
// other in the second, and read after both.
#include "litmus.h"

#include <barrier>

LITMUS(barrier_two_phases) {
    std::barrier barrier(2);
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data = 1;
            barrier.arrive_and_wait();
            barrier.arrive_and_wait();
            r1 = data;
        },
        [&] {
            barrier.arrive_and_wait();
            data += 1;
            barrier.arrive_and_wait();
            r2 = data;
        });
    return outcome(r1, r2);
}
ALLOWED({2, 2});
FORBIDDEN({1, 2}, {1, 1}, {0, 0}, deadlock, livelock, data_race);
