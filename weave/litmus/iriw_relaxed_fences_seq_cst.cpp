// Independent reads of independent writes, relaxed, with a sequentially consistent fence between
// the loads: the fences are ordered by what the loads around them read, for any memory order of
// those loads.
#include "litmus.h"

LITMUS(iriw_relaxed_fences_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    int r4 = 0;
    concurrently([&] { x.store(1, relaxed); }, [&] { y.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     fence(seq_cst);
                     r2 = y.load(relaxed);
                 },
                 [&] {
                     r3 = y.load(relaxed);
                     fence(seq_cst);
                     r4 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3, r4);
}
ALLOWED({0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 1, 0, 1},
        {0, 1, 1, 0}, {0, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 1}, {1, 1, 0, 0},
        {1, 1, 0, 1}, {1, 1, 1, 0}, {1, 1, 1, 1});
FORBIDDEN({1, 0, 1, 0});
