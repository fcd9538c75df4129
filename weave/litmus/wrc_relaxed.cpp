// Write to read causality, relaxed: the third thread may see the second one's store without the
// first one's, though the second one has seen that.
#include "litmus.h"

LITMUS(wrc_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     y.store(1, relaxed);
                 },
                 [&] {
                     r2 = y.load(relaxed);
                     r3 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1});
FORBIDDEN();
