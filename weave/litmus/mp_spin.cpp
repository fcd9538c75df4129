// Message passing where the reader spins until the flag is there: the last load acquires, so the
// data are always seen.
#include "litmus.h"

LITMUS(mp_spin) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            while (flag.load(acquire) == 0) {
            }
            r1 = data.load(relaxed);
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, livelock);
