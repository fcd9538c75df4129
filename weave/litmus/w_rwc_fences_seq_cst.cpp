// A write before read to write causality: a released message, and sequentially consistent fences in
// the second and third thread, of which each would have to precede the other.
#include "litmus.h"

LITMUS(w_rwc_fences_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, release);
        },
        [&] {
            r1 = y.load(acquire);
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
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN({1, 0, 0});
