// A write race followed by a read with release and acquire: the newer store does not read the older
// one, so nothing synchronises.
#include "litmus.h"

LITMUS(r_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, release);
            y.store(1, release);
        },
        [&] {
            y.store(2, release);
            r1 = x.load(acquire);
        });
    return outcome(r1, y.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN();
