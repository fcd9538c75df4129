// Store buffering: nothing orders a relaxed store before a later load, so both loads may miss.
#include "litmus.h"

LITMUS(sb_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
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
