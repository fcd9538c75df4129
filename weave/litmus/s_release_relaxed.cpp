// A message answered by a write where the load is relaxed: nothing synchronises, so the answer may
// be the older store.
#include "litmus.h"

LITMUS(s_release_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, relaxed);
            y.store(1, release);
        },
        [&] {
            r1 = y.load(relaxed);
            x.store(1, relaxed);
        });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN();
