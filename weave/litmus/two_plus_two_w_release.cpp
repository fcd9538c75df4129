// Two threads that store to two variables in opposite order, release: a release store orders what
// is before it for threads that read it, and neither thread reads.
#include "litmus.h"

LITMUS(two_plus_two_w_release) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.store(1, release);
            y.store(2, release);
        },
        [&] {
            y.store(1, release);
            x.store(2, release);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 1}, {1, 2}, {2, 1}, {2, 2});
FORBIDDEN();
