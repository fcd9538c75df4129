// Message passing with a release fence and an acquire load: the fence synchronises with the load
// that reads the relaxed store after the fence.
#include "litmus.h"

LITMUS(mp_release_fence_acquire_load) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            fence(release);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
