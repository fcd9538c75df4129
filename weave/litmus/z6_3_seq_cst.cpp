// Z6.3: a lost write race, a message, and a read after it that misses the first store. Sequentially
// consistent operations are in one order, which this would make a circle.
#include "litmus.h"

LITMUS(z6_3_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            y.store(2, seq_cst);
            z.store(1, seq_cst);
        },
        [&] {
            r1 = z.load(seq_cst);
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2, y.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 1, 1}, {1, 1, 2});
FORBIDDEN({1, 0, 2});
