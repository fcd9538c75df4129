// Coherence of two writes: the later store of a thread is the newer one, and nothing else is left.
#include "litmus.h"

LITMUS(coww) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            x.store(2, relaxed);
        },
        [&] { r1 = x.load(relaxed); });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 2}, {1, 2}, {2, 2});
FORBIDDEN({0, 1}, {1, 1}, {2, 1});
