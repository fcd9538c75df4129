// Store buffering with a fence against a thread whose load alone is sequentially consistent: its
// relaxed store is not in the single order, and may be later than the load.
#include "litmus.h"

LITMUS(sb_fence_and_seq_cst_load) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(seq_cst);
            r1 = y.load(relaxed);
        },
        [&] {
            y.store(1, relaxed);
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
