// Store buffering where one fence is before the store, not between store and load: it does not
// order the two, so both loads may miss.
#include "litmus.h"

LITMUS(sb_fence_seq_cst_too_early) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            fence(seq_cst);
            x.store(1, relaxed);
            r1 = y.load(relaxed);
        },
        [&] {
            y.store(1, relaxed);
            fence(seq_cst);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
