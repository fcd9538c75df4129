// A compare-exchange that fails does not store, so it publishes nothing: the reader of what stays
// there does not see what came before.
#include "litmus.h"

LITMUS(compare_exchange_failure_publishes_nothing) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 1;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            int expected = 0;
            flag.compare_exchange_strong(expected, 2, seq_cst, seq_cst);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({1, 0}, {1, 1});
FORBIDDEN({2, 0}, {2, 1});
