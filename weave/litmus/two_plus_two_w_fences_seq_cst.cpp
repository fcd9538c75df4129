// Two threads that store to two variables in opposite order with sequentially consistent fences
// between: each fence would have to precede the other.
#include "litmus.h"

LITMUS(two_plus_two_w_fences_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(seq_cst);
            y.store(2, relaxed);
        },
        [&] {
            y.store(1, relaxed);
            fence(seq_cst);
            x.store(2, relaxed);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 2}, {2, 1}, {2, 2});
FORBIDDEN({1, 1});
