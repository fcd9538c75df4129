// Z6.4: a lost write race, then two reads that miss the next thread's store. No thread reads
// another one's store, so release and acquire synchronise nothing.
#include "litmus.h"

LITMUS(z6_4_release_acquire) {
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
            r1 = z.load(acquire);
        },
        [&] {
            z.store(1, release);
            r2 = x.load(acquire);
        });
    return outcome(r1, r2, y.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 0, 2}, {1, 1, 1}, {1, 1, 2});
FORBIDDEN();
