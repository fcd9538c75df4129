// A write before read to write causality, relaxed: message to the second thread, which misses the
// third, which misses the first.
#include "litmus.h"

LITMUS(w_rwc_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(relaxed);
            r2 = z.load(relaxed);
        },
        [&] {
            z.store(1, relaxed);
            r3 = x.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
