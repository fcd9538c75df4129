// Z6.0: a message to the second thread, which loses a write race to the third, which misses the
// first store. The first fence publishes the message, so it happens before the second thread's
// store and precedes the third thread's fence, whose load sees the first store then.
#include "litmus.h"

LITMUS(z6_0_fences_first_and_third) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(seq_cst);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(acquire);
            z.store(1, relaxed);
        },
        [&] {
            z.store(2, relaxed);
            fence(seq_cst);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2, z.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 1, 1}, {1, 1, 2});
FORBIDDEN({1, 0, 2});
