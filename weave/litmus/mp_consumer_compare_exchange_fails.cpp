// Message passing with release and acquire whose consumer expects the newer value of the data: a
// strong compare-exchange may not fail once that is announced.
#include "litmus.h"

LITMUS(mp_consumer_compare_exchange_fails) {
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
            r1 = flag.load(acquire);
            int expected = 1;
            r2 = data.compare_exchange_strong(expected, 5, relaxed, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
