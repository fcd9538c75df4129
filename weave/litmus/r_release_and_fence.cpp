// A write race followed by a read with release stores and a fence in the second thread: the older
// store is released, but the fence's thread never reads it.
#include "litmus.h"

LITMUS(r_release_and_fence) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, release);
        },
        [&] {
            y.store(2, release);
            fence(seq_cst);
            r1 = x.load(relaxed);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN();
