// A write race followed by a read with a fence in the first thread and sequentially consistent
// operations in the second: the fence precedes the newer store, hence the load sees what was
// before.
#include "litmus.h"

LITMUS(r_fence_and_seq_cst_operations) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(seq_cst);
            y.store(1, relaxed);
        },
        [&] {
            y.store(2, seq_cst);
            r1 = x.load(seq_cst);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {1, 1}, {1, 2});
FORBIDDEN({0, 2});
