// Store buffering, sequentially consistent, where one store is overwritten by a relaxed one at
// once: a thread that misses the relaxed store still cannot miss the one in the single order.
#include "litmus.h"

LITMUS(sb_seq_cst_overwritten) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            r1 = y.load(seq_cst);
        },
        [&] {
            y.store(1, seq_cst);
            y.store(2, relaxed);
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1});
FORBIDDEN({0, 0});
