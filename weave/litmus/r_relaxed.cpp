// A write race followed by a read, relaxed: the second thread's store is the newer one, yet it
// misses what the first thread stored before its own.
#include "litmus.h"

LITMUS(r_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
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
