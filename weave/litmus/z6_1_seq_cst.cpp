// Z6.1: a lost write race, a message and a write after it. Sequentially consistent operations are
// in one order, which this would make a circle.
#include "litmus.h"

LITMUS(z6_1_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            y.store(2, seq_cst);
            z.store(1, seq_cst);
        },
        [&] {
            r1 = z.load(seq_cst);
            x.store(1, seq_cst);
        });
    return outcome(r1, x.load(relaxed), y.load(relaxed));
}
ALLOWED({0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2}, {1, 1, 1}, {1, 1, 2}, {1, 2, 1});
FORBIDDEN({1, 2, 2});
