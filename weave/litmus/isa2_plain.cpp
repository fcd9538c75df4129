// Plain data at the beginning of a chain of two messages: the read at its end does not race.
#include "litmus.h"

LITMUS(isa2_plain) {
    std::atomic<int> y = 0;
    std::atomic<int> z = 0;
    int data = 0;
    int r1 = -1;
    concurrently(
        [&] {
            data = 1;
            y.store(1, release);
        },
        [&] {
            if (y.load(acquire) == 1) {
                z.store(1, release);
            }
        },
        [&] {
            if (z.load(acquire) == 1) {
                r1 = data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, {1});
FORBIDDEN(data_race, {0});
