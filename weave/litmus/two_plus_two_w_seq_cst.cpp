// Two threads that store to two variables in opposite order, sequentially consistent: the order of
// the stores of each variable is part of one single order.
#include "litmus.h"

LITMUS(two_plus_two_w_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(2, seq_cst);
        },
        [&] {
            y.store(1, seq_cst);
            x.store(2, seq_cst);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 2}, {2, 1}, {2, 2});
FORBIDDEN({1, 1});
