// Read to write causality with sequentially consistent loads in the second thread and a fence in
// the third: the fence has its place after the load that misses its store, and before the other
// one.
#include "litmus.h"

LITMUS(rwc_seq_cst_reader_and_fence) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, release); },
                 [&] {
                     r1 = x.load(seq_cst);
                     r2 = y.load(seq_cst);
                 },
                 [&] {
                     y.store(1, relaxed);
                     fence(seq_cst);
                     r3 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN({1, 0, 0});
