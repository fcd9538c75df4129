// Store buffering whose reads are compare-exchanges with seq_cst on success and relaxed on failure:
// two that fail may both read the initial value, because only the store of a success is in S.
#include "litmus.h"

LITMUS(compare_exchange_seq_cst_fails_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 7;
    int r2 = 7;
    concurrently(
        [&] {
            x.store(1, seq_cst);
            y.compare_exchange_strong(r1, 9, seq_cst, relaxed);
        },
        [&] {
            y.store(1, seq_cst);
            x.compare_exchange_strong(r2, 9, seq_cst, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
