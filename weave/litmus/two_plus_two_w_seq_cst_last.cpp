// Two threads that store to two variables in opposite order, only the last store of each being
// sequentially consistent: the first ones are not in the single order.
#include "litmus.h"

LITMUS(two_plus_two_w_seq_cst_last) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(2, seq_cst);
        },
        [&] {
            y.store(1, relaxed);
            x.store(2, seq_cst);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 1}, {1, 2}, {2, 1}, {2, 2});
FORBIDDEN();
