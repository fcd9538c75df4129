// Z6.3: a lost write race, a message, and a read after it that misses the first store. The message
// synchronises, but the write race does not.
#include "litmus.h"

LITMUS(z6_3_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, release);
            y.store(1, release);
        },
        [&] {
            y.store(2, release);
            z.store(1, release);
        },
        [&] {
            r1 = z.load(acquire);
            r2 = x.load(acquire);
        });
    return outcome(r1, r2, y.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 0, 2}, {1, 1, 1}, {1, 1, 2});
FORBIDDEN();
