// Load buffering where each thread stores what it has read: a value that no thread computed does
// not appear.
#include "litmus.h"

LITMUS(lb_out_of_thin_air) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(relaxed);
            y.store(r1, relaxed);
        },
        [&] {
            r2 = y.load(relaxed);
            x.store(r2, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0});
FORBIDDEN({1, 1});
