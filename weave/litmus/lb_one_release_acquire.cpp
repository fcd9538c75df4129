// Load buffering where one variable is released and acquired: the store happens before the other
// thread's load, and with it the load before; that load cannot read what comes later.
#include "litmus.h"

LITMUS(lb_one_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(relaxed);
            y.store(1, release);
        },
        [&] {
            r2 = y.load(acquire);
            x.store(1, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0});
FORBIDDEN({1, 1});
