// Z6.1: a lost write race, a message and a write after it. Relaxed operations order none of it.
#include "litmus.h"

LITMUS(z6_1_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, relaxed);
            y.store(1, relaxed);
        },
        [&] {
            y.store(2, relaxed);
            z.store(1, relaxed);
        },
        [&] {
            r1 = z.load(relaxed);
            x.store(1, relaxed);
        });
    return outcome(r1, x.load(relaxed), y.load(relaxed));
}
ALLOWED({0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2}, {1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {1, 2, 2});
FORBIDDEN();
