// Plain data published through a relaxed flag with a release and an acquire fence: the fences
// synchronise, so there is no race.
#include "litmus.h"

LITMUS(mp_plain_fences) {
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
            r1 = flag.load(relaxed);
            if (r1 == 1) {
                fence(acquire);
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, 1});
FORBIDDEN({1, 0}, data_race);
