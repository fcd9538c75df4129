// Independent reads of independent writes, sequentially consistent: the stores are in one order for
// all threads.
#include "litmus.h"

LITMUS(iriw_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    int r4 = 0;
    concurrently([&] { x.store(1, seq_cst); }, [&] { y.store(1, seq_cst); },
                 [&] {
                     r1 = x.load(seq_cst);
                     r2 = y.load(seq_cst);
                 },
                 [&] {
                     r3 = y.load(seq_cst);
                     r4 = x.load(seq_cst);
                 });
    return outcome(r1, r2, r3, r4);
}
ALLOWED({0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 1, 0, 1},
        {0, 1, 1, 0}, {0, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 1}, {1, 1, 0, 0},
        {1, 1, 0, 1}, {1, 1, 1, 0}, {1, 1, 1, 1});
FORBIDDEN({1, 0, 1, 0});
