// Sequentially consistent loads of relaxed stores, one of each by each reader: the loads of the two
// readers still are in one order, which follows what they read.
#include "litmus.h"

LITMUS(seq_cst_load_of_relaxed_stores) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(seq_cst);
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
