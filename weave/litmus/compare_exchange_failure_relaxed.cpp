// A compare-exchange that fails is only a load, with the order given for failure: relaxed, it
// synchronises with nothing, for any success order.
#include "litmus.h"

LITMUS(compare_exchange_failure_relaxed) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            flag.compare_exchange_strong(r1, 2, acq_rel, relaxed);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
