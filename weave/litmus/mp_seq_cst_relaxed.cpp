// Message passing with sequentially consistent stores and relaxed loads: the order of the stores
// does not bind loads that are neither acquire nor in the single order.
#include "litmus.h"

LITMUS(mp_seq_cst_relaxed) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, seq_cst);
            flag.store(1, seq_cst);
        },
        [&] {
            r1 = flag.load(relaxed);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
