// Two threads that store to two variables in opposite order with acquire-release fences: neither
// reads, so they synchronise with nothing.
#include "litmus.h"

LITMUS(two_plus_two_w_fences_acq_rel) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(acq_rel);
            y.store(2, relaxed);
        },
        [&] {
            y.store(1, relaxed);
            fence(acq_rel);
            x.store(2, relaxed);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 1}, {1, 2}, {2, 1}, {2, 2});
FORBIDDEN();
