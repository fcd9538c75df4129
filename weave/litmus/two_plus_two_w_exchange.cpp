// Two threads that exchange two variables in opposite order: each exchange reads from the one
// before it, so the outcome would be a circle of reads.
#include "litmus.h"

LITMUS(two_plus_two_w_exchange) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            x.exchange(1, acq_rel);
            y.exchange(2, acq_rel);
        },
        [&] {
            y.exchange(1, acq_rel);
            x.exchange(2, acq_rel);
        });
    return outcome(x.load(relaxed), y.load(relaxed));
}
ALLOWED({1, 2}, {2, 1}, {2, 2});
FORBIDDEN({1, 1});
