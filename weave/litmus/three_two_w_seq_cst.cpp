// Three threads that store to two of three variables around a circle, sequentially consistent: one
// order of all stores.
#include "litmus.h"

LITMUS(three_two_w_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(2, seq_cst);
        },
        [&] {
            y.store(1, seq_cst);
            z.store(2, seq_cst);
        },
        [&] {
            z.store(1, seq_cst);
            x.store(2, seq_cst);
        });
    return outcome(x.load(relaxed), y.load(relaxed), z.load(relaxed));
}
ALLOWED({1, 1, 2}, {1, 2, 1}, {1, 2, 2}, {2, 1, 1}, {2, 1, 2}, {2, 2, 1}, {2, 2, 2});
FORBIDDEN({1, 1, 1});
