// Write to read causality with one acquire-release fence in the second thread and an acquire fence
// in the third: the fences synchronise, and the third thread's read is not older than the second's.
#include "litmus.h"

LITMUS(wrc_fences) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     fence(acq_rel);
                     y.store(1, relaxed);
                 },
                 [&] {
                     r2 = y.load(relaxed);
                     fence(acquire);
                     r3 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1});
FORBIDDEN({1, 1, 0});
