// A relaxed and a sequentially consistent store of one variable: both are in its one order, as two
// reads of a third thread see it.
#include "litmus.h"

LITMUS(coherence_of_mixed_stores) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { x.store(1, relaxed); }, [&] { x.store(2, seq_cst); },
                 [&] {
                     r1 = x.load(acquire);
                     r2 = x.load(seq_cst);
                 });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 1}, {2, 2});
FORBIDDEN({1, 0}, {2, 0});
