// Z6.1: a lost write race, a message and a write after it. The message synchronises, but the write
// race does not, so the last write may still be older than the first.
#include "litmus.h"

LITMUS(z6_1_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, release);
            y.store(1, release);
        },
        [&] {
            y.store(2, release);
            z.store(1, release);
        },
        [&] {
            r1 = z.load(acquire);
            x.store(1, release);
        });
    return outcome(r1, x.load(relaxed), y.load(relaxed));
}
ALLOWED({0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2}, {1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {1, 2, 2});
FORBIDDEN();
