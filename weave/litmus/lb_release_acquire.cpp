// Load buffering with release and acquire: each load would happen before the store it reads.
#include "litmus.h"

LITMUS(lb_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(acquire);
            y.store(1, release);
        },
        [&] {
            r2 = y.load(acquire);
            x.store(1, release);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0});
FORBIDDEN({1, 1});
