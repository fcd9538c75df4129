// Coherence of a write and a later read: a thread reads its own store or a newer one, which is then
// what is left.
#include "litmus.h"

LITMUS(cowr) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            r1 = x.load(relaxed);
        },
        [&] { x.store(2, relaxed); });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({1, 1}, {1, 2}, {2, 2});
FORBIDDEN({0, 1}, {0, 2}, {2, 1});
