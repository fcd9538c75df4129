// Three threads that try to be the first: exactly one wins, and the others read its value.
#include "litmus.h"

LITMUS(compare_exchange_three_threads) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.compare_exchange_strong(r1, 1, relaxed, relaxed); },
                 [&] { x.compare_exchange_strong(r2, 2, relaxed, relaxed); },
                 [&] { x.compare_exchange_strong(r3, 3, relaxed, relaxed); });
    return outcome(r1, r2, r3, x.load(relaxed));
}
ALLOWED({0, 1, 1, 1}, {2, 0, 2, 2}, {3, 3, 0, 3});
FORBIDDEN({0, 0, 1, 1}, {0, 0, 0, 1}, {0, 1, 2, 1});
