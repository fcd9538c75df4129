// Message passing through a second thread and a third variable, relaxed: the end of the chain may
// be seen without its beginning.
#include "litmus.h"

LITMUS(isa2_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(relaxed);
            z.store(1, relaxed);
        },
        [&] {
            r2 = z.load(relaxed);
            r3 = x.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
