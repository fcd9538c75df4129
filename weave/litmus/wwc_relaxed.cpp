// Write to write causality, relaxed: the third thread's store comes at the end of a chain of reads
// from the first, and may still be the older one.
#include "litmus.h"

LITMUS(wwc_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { x.store(2, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     y.store(1, relaxed);
                 },
                 [&] {
                     r2 = y.load(relaxed);
                     x.store(1, relaxed);
                 });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 0, 2}, {2, 0, 1}, {2, 0, 2},
        {2, 1, 1}, {2, 1, 2});
FORBIDDEN();
