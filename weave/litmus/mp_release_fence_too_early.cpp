// Message passing where the release fence is before the data store: it publishes only what came
// before it, which is not the data.
#include "litmus.h"

LITMUS(mp_release_fence_too_early) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            fence(release);
            data.store(1, relaxed);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            fence(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
