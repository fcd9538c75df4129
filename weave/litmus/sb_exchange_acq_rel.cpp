// Store buffering with an acquire-release exchange as the store: unless it is sequentially
// consistent it may still be later than the load of the other variable.
#include "litmus.h"

LITMUS(sb_exchange_acq_rel) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.exchange(1, acq_rel);
            r1 = y.load(acquire);
        },
        [&] {
            y.exchange(1, acq_rel);
            r2 = x.load(acquire);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
