// Coherence of two threads that write and then read: if each reads the other's store, each store
// would be the newer one.
#include "litmus.h"

LITMUS(cowr_both) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            r1 = x.load(relaxed);
        },
        [&] {
            x.store(2, relaxed);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({1, 1}, {1, 2}, {2, 2});
FORBIDDEN({2, 1});
