// A message answered by a write with release and acquire: the store before the message happens
// before the answer, which is the newer one.
#include "litmus.h"

LITMUS(s_release_acquire) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, relaxed);
            y.store(1, release);
        },
        [&] {
            r1 = y.load(acquire);
            x.store(1, relaxed);
        });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1});
FORBIDDEN({1, 2});
