// A latch that one thread counts down and the other one waits for: what came before the count
// happens before what comes after the wait.
#include "litmus.h"

#include <latch>

LITMUS(latch_hand_over) {
    std::latch latch(1);
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data = 1;
            latch.count_down();
        },
        [&] {
            latch.wait();
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, livelock, data_race);
