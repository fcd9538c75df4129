// Message passing through a second thread and a third variable with release and acquire: happens
// before is transitive, so the end of the chain shows its beginning.
#include "litmus.h"

LITMUS(isa2_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, release);
        },
        [&] {
            r1 = y.load(acquire);
            z.store(1, release);
        },
        [&] {
            r2 = z.load(acquire);
            r3 = x.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1});
FORBIDDEN({1, 1, 0});
