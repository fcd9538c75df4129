// A message answered by a write, sequentially consistent: one order of all operations.
#include "litmus.h"

LITMUS(s_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, seq_cst);
            y.store(1, seq_cst);
        },
        [&] {
            r1 = y.load(seq_cst);
            x.store(1, seq_cst);
        });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1});
FORBIDDEN({1, 2});
