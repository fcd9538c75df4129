// Read to write causality with release and acquire: the third thread reads nothing from the others,
// so nothing orders its store before its load.
#include "litmus.h"

LITMUS(rwc_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, release); },
                 [&] {
                     r1 = x.load(acquire);
                     r2 = y.load(acquire);
                 },
                 [&] {
                     y.store(1, release);
                     r3 = x.load(acquire);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
