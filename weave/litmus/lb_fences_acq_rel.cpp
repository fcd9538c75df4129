// Load buffering with an acquire-release fence between load and store: each fence would happen
// before the other.
#include "litmus.h"

LITMUS(lb_fences_acq_rel) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(relaxed);
            fence(acq_rel);
            y.store(1, relaxed);
        },
        [&] {
            r2 = y.load(relaxed);
            fence(acq_rel);
            x.store(1, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0});
FORBIDDEN({1, 1});
