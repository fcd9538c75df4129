// Store buffering with sequentially consistent operations: one of the two stores is first in their
// single order, and the other thread's load comes after it.
#include "litmus.h"

LITMUS(sb_seq_cst) {
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
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
