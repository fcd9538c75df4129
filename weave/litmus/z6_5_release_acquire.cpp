// Z6.5: two lost write races and a read that misses the first store. No thread reads another one's
// store, so release and acquire synchronise nothing.
#include "litmus.h"

LITMUS(z6_5_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
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
            z.store(2, release);
            r1 = x.load(acquire);
        });
    return outcome(r1, y.load(relaxed), z.load(relaxed));
}
ALLOWED({0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2}, {1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {1, 2, 2});
FORBIDDEN();
