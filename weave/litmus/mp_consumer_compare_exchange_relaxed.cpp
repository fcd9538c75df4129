// Message passing, all relaxed, whose consumer exchanges the older value of the data: that may
// succeed though the newer one is announced.
#include "litmus.h"

LITMUS(mp_consumer_compare_exchange_relaxed) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            int expected = 0;
            r2 = data.compare_exchange_strong(expected, 5, relaxed, relaxed);
        });
    return outcome(r1, r2, data.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1});
FORBIDDEN({1, 1, 5});
