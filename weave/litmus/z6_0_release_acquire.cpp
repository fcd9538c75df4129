// Z6.0: a message to the second thread, which loses a write race to the third, which misses the
// first store. The third thread reads no other thread's store, so nothing synchronises with it.
#include "litmus.h"

LITMUS(z6_0_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, release);
        },
        [&] {
            r1 = y.load(acquire);
            z.store(1, release);
        },
        [&] {
            z.store(2, release);
            r2 = x.load(acquire);
        });
    return outcome(r1, r2, z.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 0, 2}, {1, 1, 1}, {1, 1, 2});
FORBIDDEN();
