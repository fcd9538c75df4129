// Plain data that are read without regard to the flag: a race unless the flag was seen.
#include "litmus.h"

LITMUS(mp_plain_unchecked) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = data;
        });
    return outcome(r1, r2);
}
ALLOWED({1, 1}, data_race);
FORBIDDEN({0, 0}, {0, 1}, {1, 0});
