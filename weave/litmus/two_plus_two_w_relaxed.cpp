// Two threads that store to two variables in opposite order, relaxed: the first store of each may
// end up newer than the other thread's last.
#include "litmus.h"

LITMUS(two_plus_two_w_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(2, relaxed);
        },
        [&] {
            y.store(1, relaxed);
            x.store(2, relaxed);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 1}, {1, 2}, {2, 1}, {2, 2});
FORBIDDEN();
