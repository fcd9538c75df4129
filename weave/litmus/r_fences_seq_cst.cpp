// A write race followed by a read with sequentially consistent fences: each fence would have to
// precede the other.
#include "litmus.h"

LITMUS(r_fences_seq_cst) {
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
            y.store(2, relaxed);
            fence(seq_cst);
            r1 = x.load(relaxed);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {1, 1}, {1, 2});
FORBIDDEN({0, 2});
