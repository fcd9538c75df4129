// What a failed compare-exchange has read is known: a later load returns nothing older.
#include "litmus.h"

LITMUS(compare_exchange_failure_then_older_load) {
    std::atomic<int> x = 0;
    int r1 = 7;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            x.store(2, relaxed);
        },
        [&] {
            x.compare_exchange_strong(r1, 9, seq_cst, relaxed);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2});
FORBIDDEN({1, 0}, {2, 0}, {2, 1});
