// Independent reads of independent writes where only the stores are sequentially consistent:
// acquire loads are not in the single order, so the readers may disagree.
#include "litmus.h"

LITMUS(iriw_seq_cst_stores) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    int r4 = 0;
    concurrently([&] { x.store(1, seq_cst); }, [&] { y.store(1, seq_cst); },
                 [&] {
                     r1 = x.load(acquire);
                     r2 = y.load(acquire);
                 },
                 [&] {
                     r3 = y.load(acquire);
                     r4 = x.load(acquire);
                 });
    return outcome(r1, r2, r3, r4);
}
ALLOWED({0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 1, 0, 1},
        {0, 1, 1, 0}, {0, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 0}, {1, 0, 1, 1},
        {1, 1, 0, 0}, {1, 1, 0, 1}, {1, 1, 1, 0}, {1, 1, 1, 1});
FORBIDDEN();
