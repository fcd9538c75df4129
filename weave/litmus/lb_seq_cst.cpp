// Load buffering, sequentially consistent: one order of all operations.
#include "litmus.h"

LITMUS(lb_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            r2 = y.load(seq_cst);
            x.store(1, seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0});
FORBIDDEN({1, 1});
