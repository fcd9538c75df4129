// Testing a latch without waiting: it is down or not, and only the former orders anything.
#include "litmus.h"

#include <latch>

LITMUS(latch_try_wait) {
    std::latch latch(1);
    int data = 0;
    int r1 = -1;
    concurrently(
        [&] {
            data = 1;
            latch.count_down();
        },
        [&] {
            if (latch.try_wait()) {
                r1 = data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, {1});
FORBIDDEN({0}, data_race);
