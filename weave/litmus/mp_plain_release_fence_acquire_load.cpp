// Plain data published by a release fence and an acquire load: fence and load synchronise, so there
// is not a race.
#include "litmus.h"

LITMUS(mp_plain_release_fence_acquire_load) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            fence(release);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(acquire);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, 1});
FORBIDDEN({1, 0}, data_race);
