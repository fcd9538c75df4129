// A chain of read, write order and write order with release and acquire: the third thread reads
// nothing, so its stores synchronise with nothing that is needed here.
#include "litmus.h"

LITMUS(wrw_two_w_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently([&] { x.store(2, release); },
                 [&] {
                     r1 = x.load(acquire);
                     y.store(1, release);
                 },
                 [&] {
                     y.store(2, release);
                     x.store(1, release);
                 });
    return outcome(r1, x.load(relaxed), y.load(relaxed));
}
ALLOWED({0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2}, {1, 1, 1}, {1, 2, 1}, {2, 1, 1}, {2, 1, 2},
        {2, 2, 1}, {2, 2, 2});
FORBIDDEN();
