// A chain of read, write order and write order, sequentially consistent: one order of all
// operations, which this outcome would make a circle.
#include "litmus.h"

LITMUS(wrw_two_w_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently([&] { x.store(2, seq_cst); },
                 [&] {
                     r1 = x.load(seq_cst);
                     y.store(1, seq_cst);
                 },
                 [&] {
                     y.store(2, seq_cst);
                     x.store(1, seq_cst);
                 });
    return outcome(r1, x.load(relaxed), y.load(relaxed));
}
ALLOWED({0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2}, {1, 1, 1}, {1, 2, 1}, {2, 1, 1}, {2, 1, 2},
        {2, 2, 1});
FORBIDDEN({2, 2, 2});
