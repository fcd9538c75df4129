// Load buffering where each thread stores only if it has read a store: neither stores first, so the
// plain data are never accessed.
#include "litmus.h"

LITMUS(lb_conditional) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(relaxed);
            if (r1 == 1) {
                data = 1;
                y.store(1, relaxed);
            }
        },
        [&] {
            r2 = y.load(relaxed);
            if (r2 == 1) {
                data = 2;
                x.store(1, relaxed);
            }
        });
    return outcome(r1, r2, data);
}
ALLOWED({0, 0, 0});
FORBIDDEN({1, 1, 1}, {1, 1, 2}, data_race);
