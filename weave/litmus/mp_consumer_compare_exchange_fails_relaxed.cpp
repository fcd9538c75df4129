// Message passing, all relaxed, whose consumer expects the newer value of the data: a strong
// compare-exchange may fail because it reads the older one.
#include "litmus.h"

LITMUS(mp_consumer_compare_exchange_fails_relaxed) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    int expected = 1;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            r2 = data.compare_exchange_strong(expected, 5, relaxed, relaxed);
        });
    return outcome(r1, r2, expected);
}
ALLOWED({0, 0, 0}, {0, 1, 1}, {1, 0, 0}, {1, 1, 1});
FORBIDDEN({1, 0, 1});
