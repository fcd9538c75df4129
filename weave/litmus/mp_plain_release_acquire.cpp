// Plain data published through a flag that is released and acquired: the write happens before the
// read, so there is no race, and the read sees it.
#include "litmus.h"

LITMUS(mp_plain_release_acquire) {
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
            r1 = flag.load(acquire);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, 1});
FORBIDDEN({1, 0}, data_race);
