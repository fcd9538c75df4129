// Store buffering where each thread first reads its own store: it always sees that one, yet the
// other thread may see it later, so both may still miss.
#include "litmus.h"

LITMUS(sb_own_store_first_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    int r4 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            r1 = x.load(relaxed);
            r2 = y.load(relaxed);
        },
        [&] {
            y.store(1, relaxed);
            r3 = y.load(relaxed);
            r4 = x.load(relaxed);
        });
    return outcome(r1, r2, r3, r4);
}
ALLOWED({1, 0, 1, 0}, {1, 0, 1, 1}, {1, 1, 1, 0}, {1, 1, 1, 1});
FORBIDDEN({0, 0, 1, 0}, {1, 0, 0, 0});
