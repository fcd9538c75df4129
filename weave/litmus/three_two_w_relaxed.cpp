// Three threads that store to two of three variables around a circle, relaxed: the first store of
// each may end up newer than its neighbour's last.
#include "litmus.h"

LITMUS(three_two_w_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(2, relaxed);
        },
        [&] {
            y.store(1, relaxed);
            z.store(2, relaxed);
        },
        [&] {
            z.store(1, relaxed);
            x.store(2, relaxed);
        });
    return outcome(x.load(relaxed), y.load(relaxed), z.load(relaxed));
}
ALLOWED({1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {1, 2, 2}, {2, 1, 1}, {2, 1, 2}, {2, 2, 1}, {2, 2, 2});
FORBIDDEN();
