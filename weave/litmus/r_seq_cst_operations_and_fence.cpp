// A write race followed by a read with sequentially consistent stores in the first thread and a
// fence in the second: the stores precede the fence, so the load after it sees the first of them.
#include "litmus.h"

LITMUS(r_seq_cst_operations_and_fence) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            y.store(2, relaxed);
            fence(seq_cst);
            r1 = x.load(relaxed);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {1, 1}, {1, 2});
FORBIDDEN({0, 2});
