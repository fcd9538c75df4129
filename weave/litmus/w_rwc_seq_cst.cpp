// A write before read to write causality, sequentially consistent: one order of all operations.
#include "litmus.h"

LITMUS(w_rwc_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            r1 = y.load(seq_cst);
            r2 = z.load(seq_cst);
        },
        [&] {
            z.store(1, seq_cst);
            r3 = x.load(seq_cst);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN({1, 0, 0});
