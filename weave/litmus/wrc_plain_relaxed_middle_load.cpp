// Plain data passed on through a second thread whose load is relaxed: it has not acquired what it
// passes on, so the third thread's read races.
#include "litmus.h"

LITMUS(wrc_plain_relaxed_middle_load) {
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
            if (x.load(relaxed) == 1) {
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
ALLOWED({-1}, data_race);
FORBIDDEN({0}, {1});
