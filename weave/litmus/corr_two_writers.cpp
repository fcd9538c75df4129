// Coherence as two readers see it: they agree on the order of two stores, even relaxed ones.
#include "litmus.h"

LITMUS(corr_two_writers) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    int r4 = 0;
    concurrently([&] { x.store(1, relaxed); }, [&] { x.store(2, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     r2 = x.load(relaxed);
                 },
                 [&] {
                     r3 = x.load(relaxed);
                     r4 = x.load(relaxed);
                 });
    return outcome(r1 == 1 && r2 == 2, r3 == 2 && r4 == 1);
}
ALLOWED({0, 0}, {0, 1}, {1, 0});
FORBIDDEN({1, 1});
