// A write race followed by a read, sequentially consistent: the older store of y precedes the newer
// one in the single order, and so does the store of x, which the load sees then.
#include "litmus.h"

LITMUS(r_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            y.store(2, seq_cst);
            r1 = x.load(seq_cst);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {1, 1}, {1, 2});
FORBIDDEN({0, 2});
