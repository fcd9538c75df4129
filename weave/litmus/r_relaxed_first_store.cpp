// A write race followed by a read where all but the first store are sequentially consistent: that
// store is not in the single order, and nothing synchronises with the load's thread.
#include "litmus.h"

LITMUS(r_relaxed_first_store) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, seq_cst);
        },
        [&] {
            y.store(2, seq_cst);
            r1 = x.load(seq_cst);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN();
