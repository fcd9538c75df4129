// A compare-exchange that fails is a load with the failure order: it may read the older of two
// stores, and synchronises with that one if it released.
#include "litmus.h"

LITMUS(compare_exchange_failure_of_older_store) {
    std::atomic<int> data = 0;
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            x.store(1, release);
            x.store(2, relaxed);
        },
        [&] {
            x.compare_exchange_strong(r1, 9, relaxed, acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1}, {2, 0}, {2, 1});
FORBIDDEN({1, 0});
