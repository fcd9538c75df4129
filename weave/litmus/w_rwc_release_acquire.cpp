// A write before read to write causality with release and acquire: the message is ordered, the
// third thread's store and load are not.
#include "litmus.h"

LITMUS(w_rwc_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, release);
        },
        [&] {
            r1 = y.load(acquire);
            r2 = z.load(acquire);
        },
        [&] {
            z.store(1, release);
            r3 = x.load(acquire);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
