// A compare-exchange and a store: if it succeeds, the store is the newer one, as nothing comes
// between what it read and what it wrote.
#include "litmus.h"

LITMUS(compare_exchange_and_store) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently(
        [&] {
            int expected = 0;
            r1 = x.compare_exchange_strong(expected, 1, relaxed, relaxed);
        },
        [&] { x.store(2, relaxed); });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 2}, {1, 2});
FORBIDDEN({1, 1}, {0, 1}, {0, 0});
