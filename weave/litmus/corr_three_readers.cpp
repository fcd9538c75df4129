// Coherence along a chain of relaxed reads in one thread: each is as new as the one before.
#include "litmus.h"

LITMUS(corr_three_readers) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            x.store(2, relaxed);
        },
        [&] {
            r1 = x.load(relaxed);
            r2 = x.load(relaxed);
            r3 = x.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {0, 2, 2}, {1, 1, 1}, {1, 1, 2},
        {1, 2, 2}, {2, 2, 2});
FORBIDDEN({1, 0, 1}, {2, 1, 2}, {0, 2, 1});
