// Read to write causality, relaxed: the second thread has seen the first store and misses the third
// thread's, which in turn misses the first.
#include "litmus.h"

LITMUS(rwc_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     r2 = y.load(relaxed);
                 },
                 [&] {
                     y.store(1, relaxed);
                     r3 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
