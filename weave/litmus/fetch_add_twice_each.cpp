// Two increments by each of two threads: four in the end, and each thread sees the count rise.
#include "litmus.h"

LITMUS(fetch_add_twice_each) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.fetch_add(1, relaxed);
            r1 = x.fetch_add(1, relaxed);
        },
        [&] {
            x.fetch_add(1, relaxed);
            r2 = x.fetch_add(1, relaxed);
        });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({1, 3, 4}, {2, 3, 4}, {3, 1, 4}, {3, 2, 4});
FORBIDDEN({1, 1, 3}, {1, 1, 4}, {1, 1, 2});
