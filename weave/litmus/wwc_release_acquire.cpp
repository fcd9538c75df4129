// Write to write causality with release and acquire: the second thread's read of the first store
// happens before the third thread's store, which is the newer one then.
#include "litmus.h"

LITMUS(wwc_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { x.store(2, release); },
                 [&] {
                     r1 = x.load(acquire);
                     y.store(1, release);
                 },
                 [&] {
                     r2 = y.load(acquire);
                     x.store(1, relaxed);
                 });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {1, 0, 1}, {1, 0, 2}, {2, 0, 1}, {2, 0, 2},
        {2, 1, 1});
FORBIDDEN({2, 1, 2});
