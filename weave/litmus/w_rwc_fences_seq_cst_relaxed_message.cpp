// A write before read to write causality: fences in the second and third thread, but the message is
// relaxed, so the first store does not happen before the fence.
#include "litmus.h"

LITMUS(w_rwc_fences_seq_cst_relaxed_message) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(relaxed);
            fence(seq_cst);
            r2 = z.load(relaxed);
        },
        [&] {
            z.store(1, relaxed);
            fence(seq_cst);
            r3 = x.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
