// Plain data that are written again after the flag: the read is not ordered with the second write,
// so seeing the flag means a race.
#include "litmus.h"

LITMUS(mp_plain_write_after_flag) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
            data = 2;
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
