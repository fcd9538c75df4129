// A spin lock of an exchange that acquires and a store that releases: plain data under it do not
// race, and no increment is lost.
#include "litmus.h"

LITMUS(spin_lock_plain) {
    std::atomic<int> locked = 0;
    int count = 0;
    concurrently(
        [&] {
            while (locked.exchange(1, acquire) == 1) {
            }
            count = count + 1;
            locked.store(0, release);
        },
        [&] {
            while (locked.exchange(1, acquire) == 1) {
            }
            count = count + 1;
            locked.store(0, release);
        });
    return outcome(count);
}
ALLOWED({2});
FORBIDDEN({1}, data_race);
