// Coherence of a read and a later write: a thread that has read the other store makes a newer one,
// which is what is left.
#include "litmus.h"

LITMUS(corw) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently(
        [&] {
            r1 = x.load(relaxed);
            x.store(1, relaxed);
        },
        [&] { x.store(2, relaxed); });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {2, 1});
FORBIDDEN({2, 2}, {1, 1}, {1, 2});
