// Plain data published by a release store and an acquire fence: store and fence synchronise, so
// there is no race.
#include "litmus.h"

LITMUS(mp_plain_release_store_acquire_fence) {
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
                fence(acquire);
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, 1});
FORBIDDEN({1, 0}, data_race);
