// A message answered by a write with a release and an acquire fence: they synchronise, so the
// answer is the newer store.
#include "litmus.h"

LITMUS(s_fences) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(2, relaxed);
            fence(release);
            y.store(1, relaxed);
        },
        [&] {
            r1 = y.load(relaxed);
            fence(acquire);
            x.store(1, relaxed);
        });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1});
FORBIDDEN({1, 2});
