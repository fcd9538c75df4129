// Read to write causality with a fence in the third thread only: the second thread's loads are
// acquire loads, which a single fence is not ordered with.
#include "litmus.h"

LITMUS(rwc_writer_fence_seq_cst_only) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, release); },
                 [&] {
                     r1 = x.load(acquire);
                     r2 = y.load(acquire);
                 },
                 [&] {
                     y.store(1, release);
                     fence(seq_cst);
                     r3 = x.load(acquire);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
