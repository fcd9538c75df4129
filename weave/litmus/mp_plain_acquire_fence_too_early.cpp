// Plain data with the acquire fence before the flag load: it does not acquire what is read later,
// so the read races.
#include "litmus.h"

LITMUS(mp_plain_acquire_fence_too_early) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
        },
        [&] {
            fence(acquire);
            r1 = flag.load(relaxed);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, data_race);
FORBIDDEN();
