// Store buffering with acquire-release fences: they order everything but an earlier store with a
// later load, so both loads may miss.
#include "litmus.h"

LITMUS(sb_fences_acq_rel) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(acq_rel);
            r1 = y.load(relaxed);
        },
        [&] {
            y.store(1, relaxed);
            fence(acq_rel);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
