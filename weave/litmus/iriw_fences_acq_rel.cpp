// Independent reads of independent writes with acquire-release fences between the loads: they are
// in no common order, so the readers may disagree.
#include "litmus.h"

LITMUS(iriw_fences_acq_rel) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    int r4 = 0;
    concurrently([&] { x.store(1, relaxed); }, [&] { y.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     fence(acq_rel);
                     r2 = y.load(relaxed);
                 },
                 [&] {
                     r3 = y.load(relaxed);
                     fence(acq_rel);
                     r4 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3, r4);
}
ALLOWED({0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 1, 0, 1},
        {0, 1, 1, 0}, {0, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 0}, {1, 0, 1, 1},
        {1, 1, 0, 0}, {1, 1, 0, 1}, {1, 1, 1, 0}, {1, 1, 1, 1});
FORBIDDEN();
