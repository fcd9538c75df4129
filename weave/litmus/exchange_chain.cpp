// Three exchanges: what they read and what is left are the three values and the first one, each
// once.
#include "litmus.h"

LITMUS(exchange_chain) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { r1 = x.exchange(1, relaxed); }, [&] { r2 = x.exchange(2, relaxed); },
                 [&] { r3 = x.exchange(3, relaxed); });
    return outcome(r1, r2, r3, x.load(relaxed));
}
ALLOWED({0, 1, 2, 3}, {0, 3, 1, 2}, {2, 0, 1, 3}, {2, 3, 0, 1}, {3, 0, 2, 1}, {3, 1, 0, 2});
FORBIDDEN({0, 0, 0, 1}, {0, 0, 1, 3}, {2, 1, 0, 3});
