// Read to write causality with sequentially consistent fences in the second and third thread: each
// fence would have to precede the other.
#include "litmus.h"

LITMUS(rwc_fences_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     fence(seq_cst);
                     r2 = y.load(relaxed);
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
