// Independent reads of independent writes with a sequentially consistent fence between the loads of
// each reader: a fence whose later load misses a store precedes the fence whose earlier load has
// seen it, and the two fences cannot each precede the other.
#include "litmus.h"

LITMUS(iriw_acquire_fences_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    int r4 = 0;
    concurrently([&] { x.store(1, release); }, [&] { y.store(1, release); },
                 [&] {
                     r1 = x.load(acquire);
                     fence(seq_cst);
                     r2 = y.load(acquire);
                 },
                 [&] {
                     r3 = y.load(acquire);
                     fence(seq_cst);
                     r4 = x.load(acquire);
                 });
    return outcome(r1, r2, r3, r4);
}
ALLOWED({0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 1, 0, 1},
        {0, 1, 1, 0}, {0, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 1}, {1, 1, 0, 0},
        {1, 1, 0, 1}, {1, 1, 1, 0}, {1, 1, 1, 1});
FORBIDDEN({1, 0, 1, 0});
