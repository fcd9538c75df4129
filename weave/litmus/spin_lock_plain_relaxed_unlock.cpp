// A spin lock whose unlock is relaxed: the next owner does not see what was done under it, and
// races.
#include "litmus.h"

LITMUS(spin_lock_plain_relaxed_unlock) {
    std::atomic<int> locked = 0;
    int count = 0;
    concurrently(
        [&] {
            while (locked.exchange(1, acquire) == 1) {
            }
            count = count + 1;
            locked.store(0, relaxed);
        },
        [&] {
            while (locked.exchange(1, acquire) == 1) {
            }
            count = count + 1;
            locked.store(0, relaxed);
        });
    return outcome(count);
}
ALLOWED(data_race);
FORBIDDEN({1}, {2});
