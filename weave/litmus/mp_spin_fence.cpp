// Message passing where the reader spins with relaxed loads and has one acquire fence after the
// loop: the fence acquires what the last load read.
#include "litmus.h"

LITMUS(mp_spin_fence) {
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
            fence(acquire);
            r1 = data.load(relaxed);
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, livelock);
