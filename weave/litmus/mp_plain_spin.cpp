// Plain data that are read after spinning for the flag: the last load acquires, so there is no
// race.
#include "litmus.h"

LITMUS(mp_plain_spin) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
        },
        [&] {
            while (flag.load(acquire) == 0) {
            }
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, data_race);
