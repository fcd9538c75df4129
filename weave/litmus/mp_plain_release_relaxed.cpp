// Plain data published through a flag that is released but not acquired: nothing synchronises, so
// the read races.
#include "litmus.h"

LITMUS(mp_plain_release_relaxed) {
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
            r1 = flag.load(relaxed);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, data_race);
FORBIDDEN();
