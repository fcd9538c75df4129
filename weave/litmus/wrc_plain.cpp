// Plain data passed on through a second thread that does not touch them: happens before is
// transitive, so the third thread reads without a race.
#include "litmus.h"

LITMUS(wrc_plain) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int data = 0;
    int r1 = -1;
    concurrently(
        [&] {
            data = 1;
            x.store(1, release);
        },
        [&] {
            if (x.load(acquire) == 1) {
                y.store(1, release);
            }
        },
        [&] {
            if (y.load(acquire) == 1) {
                r1 = data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, {1});
FORBIDDEN(data_race, {0});
