// An increment after a store of the same thread: it reads that store or a newer one.
#include "litmus.h"

LITMUS(fetch_add_reads_own_store) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            r1 = x.fetch_add(1, relaxed);
        },
        [&] { x.store(5, relaxed); });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({1, 2}, {1, 5}, {5, 6});
FORBIDDEN({0, 1}, {5, 2});
