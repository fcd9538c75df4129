// Two threads that store to two variables in opposite order, one with a fence between, the other
// sequentially consistent: the fence would have to come before and after the other's stores.
#include "litmus.h"

LITMUS(two_plus_two_w_fence_and_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(seq_cst);
            y.store(2, relaxed);
        },
        [&] {
            y.store(1, seq_cst);
            x.store(2, seq_cst);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 2}, {2, 1}, {2, 2});
FORBIDDEN({1, 1});
