// Coherence between a sequentially consistent read and a relaxed one: the kind of operation does
// not matter, the relaxed one is not older.
#include "litmus.h"

LITMUS(corr_mixed_orders) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { x.store(1, seq_cst); },
                 [&] {
                     r1 = x.load(seq_cst);
                     r2 = x.load(relaxed);
                 });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
