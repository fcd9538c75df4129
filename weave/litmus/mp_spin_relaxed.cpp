// Message passing where the reader spins with relaxed loads: the loop ends, but it does not order
// the load after it.
#include "litmus.h"

LITMUS(mp_spin_relaxed) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            while (flag.load(relaxed) == 0) {
            }
            r1 = data.load(relaxed);
        });
    return outcome(r1);
}
ALLOWED({0}, {1});
FORBIDDEN(livelock);
