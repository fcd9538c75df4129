// Load buffering where one load acquires: nothing is released, so it synchronises with nothing, and
// both loads may see the other thread's store.
#include "litmus.h"

LITMUS_SKIPPED(lb_one_acquire,
               "a load would have to return a store that has not been executed yet") {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(acquire);
            y.store(1, relaxed);
        },
        [&] {
            r2 = y.load(relaxed);
            x.store(1, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
