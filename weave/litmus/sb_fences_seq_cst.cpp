// Store buffering with sequentially consistent fences: one fence is first in the single order, and
// the load after the other fence sees the store before the first.
#include "litmus.h"

LITMUS(sb_fences_seq_cst) {
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
            fence(seq_cst);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
