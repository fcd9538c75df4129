// A write race followed by a read with a fence in the first thread only: the second thread's load
// may be earlier than its store.
#include "litmus.h"

LITMUS(r_first_fence_seq_cst_only) {
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
            r1 = x.load(relaxed);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN();
