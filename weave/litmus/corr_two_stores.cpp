// Coherence of three reads: they follow the order of the stores, though they may skip some.
#include "litmus.h"

LITMUS(corr_two_stores) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            x.store(2, relaxed);
        },
        [&] {
            r1 = x.load(relaxed);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2});
FORBIDDEN({1, 0}, {2, 0}, {2, 1});
