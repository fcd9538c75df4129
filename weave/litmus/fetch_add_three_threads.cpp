// Three increments, relaxed: each of them sees a different count.
#include "litmus.h"

LITMUS(fetch_add_three_threads) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { r1 = x.fetch_add(1, relaxed); }, [&] { r2 = x.fetch_add(1, relaxed); },
                 [&] { r3 = x.fetch_add(1, relaxed); });
    return outcome(r1, r2, r3, x.load(relaxed));
}
ALLOWED({0, 1, 2, 3}, {0, 2, 1, 3}, {1, 0, 2, 3}, {1, 2, 0, 3}, {2, 0, 1, 3}, {2, 1, 0, 3});
FORBIDDEN({0, 0, 1, 2}, {0, 1, 1, 2}, {0, 0, 0, 1});
