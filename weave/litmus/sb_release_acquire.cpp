// Store buffering with release stores and acquire loads: no load reads from the other thread's
// store when both miss it, so nothing synchronises, and both may miss.
#include "litmus.h"

LITMUS(sb_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, release);
            r1 = y.load(acquire);
        },
        [&] {
            y.store(1, release);
            r2 = x.load(acquire);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
