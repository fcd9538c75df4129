// Z6.3: a lost write race, a message, and a read after it that misses the first store. Relaxed
// operations order none of it.
#include "litmus.h"

LITMUS(z6_3_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, relaxed);
        },
        [&] {
            y.store(2, relaxed);
            z.store(1, relaxed);
        },
        [&] {
            r1 = z.load(relaxed);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2, y.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 0, 2}, {1, 1, 1}, {1, 1, 2});
FORBIDDEN();
