// Store buffering with a fence in one thread only: the other thread's load may still be earlier
// than its store, and a single fence has nothing to be ordered with.
#include "litmus.h"

LITMUS(sb_one_fence_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(seq_cst);
            r1 = y.load(relaxed);
        },
        [&] {
            y.store(1, relaxed);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
