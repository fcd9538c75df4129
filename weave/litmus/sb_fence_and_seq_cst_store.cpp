// Store buffering with a fence against a thread whose store alone is sequentially consistent: its
// relaxed load is not in the single order, and may be earlier than the store.
#include "litmus.h"

LITMUS(sb_fence_and_seq_cst_store) {
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
            y.store(1, seq_cst);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
