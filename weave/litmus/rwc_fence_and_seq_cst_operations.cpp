// Read to write causality with a fence in the second thread and sequentially consistent operations
// in the third: the fence has its place before the third thread's store, and after its load.
#include "litmus.h"

LITMUS(rwc_fence_and_seq_cst_operations) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, release); },
                 [&] {
                     r1 = x.load(acquire);
                     fence(seq_cst);
                     r2 = y.load(acquire);
                 },
                 [&] {
                     y.store(1, seq_cst);
                     r3 = x.load(seq_cst);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN({1, 0, 0});
