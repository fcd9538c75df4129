// A sequentially consistent load that is later in the single order than such a store reads it or a
// newer one; here a second pair of operations shows that it is later.
#include "litmus.h"

LITMUS(seq_cst_load_after_seq_cst_store) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            r1 = y.load(seq_cst);
            r2 = x.load(seq_cst);
        },
        [&] { x.store(2, relaxed); });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN({1, 0});
