// Store buffering with one thread sequentially consistent and the other release and acquire: two
// operations in the single order, both of one thread, forbid nothing to the other.
#include "litmus.h"

LITMUS(sb_one_thread_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            r1 = y.load(seq_cst);
        },
        [&] {
            y.store(1, release);
            r2 = x.load(acquire);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
