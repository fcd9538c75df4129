// The function at the end of a barrier's phase: it runs once, after both threads have arrived and
// before either continues, so nothing in it races.
#include "litmus.h"

#include <barrier>

LITMUS(barrier_completion) {
    int first = 0;
    int second = 0;
    int sum = 0;
    auto add = [&]() noexcept { sum += first + second; };
    std::barrier barrier(2, add);
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            first = 1;
            barrier.arrive_and_wait();
            r1 = sum;
        },
        [&] {
            second = 2;
            barrier.arrive_and_wait();
            r2 = sum;
        });
    return outcome(r1, r2);
}
ALLOWED({3, 3});
FORBIDDEN({0, 3}, {3, 0}, {6, 6}, deadlock, livelock, data_race);
