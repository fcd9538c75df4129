// Write to read causality with release and acquire: synchronisation is transitive, so a thread that
// sees the second store also sees what its thread had seen.
#include "litmus.h"

LITMUS(wrc_release_acquire) {
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
                     r2 = y.load(acquire);
                     r3 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1});
FORBIDDEN({1, 1, 0});
