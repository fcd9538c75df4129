// Store buffering with sequentially consistent stores and relaxed loads: the loads are not part of
// the single order, so both may miss.
#include "litmus.h"

LITMUS(sb_seq_cst_stores) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
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
