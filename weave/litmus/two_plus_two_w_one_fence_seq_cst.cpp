// Two threads that store to two variables in opposite order with a fence in one of them: the other
// thread's stores are not ordered.
#include "litmus.h"

LITMUS(two_plus_two_w_one_fence_seq_cst) {
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
            x.store(2, relaxed);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 1}, {1, 2}, {2, 1}, {2, 2});
FORBIDDEN();
