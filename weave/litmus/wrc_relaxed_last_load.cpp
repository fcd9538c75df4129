// Write to read causality where the third thread's first load is relaxed: it does not acquire what
// the second thread passes on.
#include "litmus.h"

LITMUS(wrc_relaxed_last_load) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, release); },
                 [&] {
                     r1 = x.load(acquire);
                     y.store(1, release);
                 },
                 [&] {
                     r2 = y.load(relaxed);
                     r3 = x.load(acquire);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
