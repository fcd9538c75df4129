// A message answered by a write, relaxed: the reader's store may be older than the one before the
// message it has read.
#include "litmus.h"

LITMUS(s_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, relaxed);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(relaxed);
            x.store(1, relaxed);
        });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN();
