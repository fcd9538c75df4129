// Write to read causality where the second thread stores relaxed: it has acquired the first store
// but passes nothing on.
#include "litmus.h"

LITMUS(wrc_relaxed_middle_store) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, release); },
                 [&] {
                     r1 = x.load(acquire);
                     y.store(1, relaxed);
                 },
                 [&] {
                     r2 = y.load(acquire);
                     r3 = x.load(acquire);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
