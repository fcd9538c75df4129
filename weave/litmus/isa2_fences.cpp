// Message passing through a second thread with relaxed operations and fences: one acquire-release
// fence in the middle both acquires and publishes.
#include "litmus.h"

LITMUS(isa2_fences) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(release);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(relaxed);
            fence(acq_rel);
            z.store(1, relaxed);
        },
        [&] {
            r2 = z.load(relaxed);
            fence(acquire);
            r3 = x.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1});
FORBIDDEN({1, 1, 0});
