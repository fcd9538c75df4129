// A successful compare-exchange in the middle of a chain, acquire-release: it acquires what it
// replaces and passes it on with its own.
#include "litmus.h"

LITMUS(compare_exchange_success_acq_rel) {
    std::atomic<int> first = 0;
    std::atomic<int> second = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            first.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            second.store(1, relaxed);
            int expected = 1;
            flag.compare_exchange_strong(expected, 2, acq_rel, relaxed);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = first.load(relaxed);
            r3 = second.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 1, 0}, {1, 1, 1}, {2, 1, 1});
FORBIDDEN({2, 0, 0}, {2, 0, 1}, {2, 1, 0}, {1, 0, 0}, {1, 0, 1});
