// Store buffering with relaxed stores and sequentially consistent loads: the stores are not part of
// the single order, so both loads may miss.
#include "litmus.h"

LITMUS(sb_seq_cst_loads) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            r1 = y.load(seq_cst);
        },
        [&] {
            y.store(1, relaxed);
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
