// Z6.0: a message to the second thread, which loses a write race to the third, which misses the
// first store. With the message released, fences in the second and third thread forbid it.
#include "litmus.h"

LITMUS(z6_0_fences_seq_cst) {
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
            fence(seq_cst);
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
