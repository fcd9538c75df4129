// Z6.2: a chain of two messages and a write at its end. Both synchronise, so the first store
// happens before the last, which is the newer one.
#include "litmus.h"

LITMUS(z6_2_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(2, relaxed);
            y.store(1, release);
        },
        [&] {
            r1 = y.load(acquire);
            z.store(1, release);
        },
        [&] {
            r2 = z.load(acquire);
            x.store(1, relaxed);
        });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 0, 2}, {1, 1, 1});
FORBIDDEN({1, 1, 2});
