// A thread that leaves a barrier: the other one does not wait for it in the next phase.
#include "litmus.h"

#include <barrier>

LITMUS(barrier_arrive_and_drop) {
    std::barrier barrier(2);
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data = 1;
            barrier.arrive_and_drop();
        },
        [&] {
            barrier.arrive_and_wait();
            r1 = data;
            barrier.arrive_and_wait();
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, livelock, data_race);
