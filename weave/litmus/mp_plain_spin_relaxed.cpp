// Plain data that are read after spinning with relaxed loads: nothing synchronises, so each
// execution races.
#include "litmus.h"

LITMUS(mp_plain_spin_relaxed) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
        },
        [&] {
            while (flag.load(relaxed) == 0) {
            }
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED(data_race);
FORBIDDEN({0}, {1});
