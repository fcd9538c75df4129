// Plain data with the release fence after the flag store: it publishes nothing, so the read races.
#include "litmus.h"

LITMUS(mp_plain_release_fence_too_late) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, relaxed);
            fence(release);
        },
        [&] {
            r1 = flag.load(acquire);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, data_race);
FORBIDDEN();
