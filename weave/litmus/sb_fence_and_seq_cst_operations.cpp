// Store buffering with a fence in one thread and sequentially consistent operations in the other:
// when the fenced thread misses the store, its fence precedes that store in the single order, hence
// the load after it, which then has to see what was stored before the fence.
#include "litmus.h"

LITMUS(sb_fence_and_seq_cst_operations) {
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
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
