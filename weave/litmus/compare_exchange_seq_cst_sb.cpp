// Store buffering with sequentially consistent compare-exchanges as stores: they are in the single
// order with the loads, so not both miss.
#include "litmus.h"

LITMUS(compare_exchange_seq_cst_sb) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            int expected = 0;
            x.compare_exchange_strong(expected, 1, seq_cst);
            r1 = y.load(seq_cst);
        },
        [&] {
            int expected = 0;
            y.compare_exchange_strong(expected, 1, seq_cst);
            r2 = x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
