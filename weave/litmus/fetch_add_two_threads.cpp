// Two increments, relaxed: a read-modify-write reads the store immediately before its own, so none
// is lost.
#include "litmus.h"

LITMUS(fetch_add_two_threads) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = x.fetch_add(1, relaxed); }, [&] { r2 = x.fetch_add(1, relaxed); });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({0, 1, 2}, {1, 0, 2});
FORBIDDEN({0, 0, 1}, {0, 0, 2});
