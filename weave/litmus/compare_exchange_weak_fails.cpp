// A weak compare-exchange may fail although the value is the expected one, which it leaves as it
// is.
#include "litmus.h"

LITMUS(compare_exchange_weak_fails) {
    std::atomic<int> x = 1;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] {
        int expected = 1;
        r1 = x.compare_exchange_weak(expected, 2, relaxed, relaxed);
        r2 = expected;
    });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({0, 1, 1}, {1, 1, 2});
FORBIDDEN();
