// Independent reads of independent writes with a fence in one reader and sequentially consistent
// loads in the other: the fence has a place between the other's loads or outside, so they agree.
#include "litmus.h"

LITMUS(iriw_fence_and_seq_cst_reader) {
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
                     r3 = y.load(seq_cst);
                     r4 = x.load(seq_cst);
                 });
    return outcome(r1, r2, r3, r4);
}
ALLOWED({0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 1, 0, 1},
        {0, 1, 1, 0}, {0, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 1}, {1, 1, 0, 0},
        {1, 1, 0, 1}, {1, 1, 1, 0}, {1, 1, 1, 1});
FORBIDDEN({1, 0, 1, 0});
