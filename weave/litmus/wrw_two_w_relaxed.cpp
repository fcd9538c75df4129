// A chain of read, write order and write order, relaxed: nothing keeps the two stores of the third
// thread in order for the others.
#include "litmus.h"

LITMUS(wrw_two_w_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently([&] { x.store(2, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     y.store(1, relaxed);
                 },
                 [&] {
                     y.store(2, relaxed);
                     x.store(1, relaxed);
                 });
    return outcome(r1, x.load(relaxed), y.load(relaxed));
}
ALLOWED({0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2}, {1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {1, 2, 2},
        {2, 1, 1}, {2, 1, 2}, {2, 2, 1}, {2, 2, 2});
FORBIDDEN();
