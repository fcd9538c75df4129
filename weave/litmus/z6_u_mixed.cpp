// A sequentially consistent store that happens before the second thread's read-modify-write, by way
// of a release store, while it is later in the single order: since C++20 the single order need not
// follow happens before, only strongly happens before, so the third thread may miss it.
#include "litmus.h"

LITMUS_SKIPPED(z6_u_mixed, "the single order is not the order of execution here") {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(1, release);
        },
        [&] {
            r1 = y.fetch_add(1, seq_cst);
            r2 = y.load(relaxed);
        },
        [&] {
            y.store(3, seq_cst);
            r3 = x.load(seq_cst);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 1, 0}, {0, 1, 1}, {0, 3, 0}, {0, 3, 1}, {1, 2, 0}, {1, 2, 1}, {1, 3, 0}, {1, 3, 1},
        {3, 1, 0}, {3, 1, 1}, {3, 4, 0}, {3, 4, 1});
FORBIDDEN();
