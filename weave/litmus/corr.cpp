// Coherence of two reads: all stores of one variable are in one order, and a thread that has read a
// newer one does not read an older one later.
#include "litmus.h"

LITMUS(corr) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     r2 = x.load(relaxed);
                 });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
