// Plain data under a lock: unlocking synchronises with the next one that locks, so all of it is
// seen or nothing.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_hand_over) {
    std::mutex mutex;
    int data = 0;
    int ready = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            data = 1;
            ready = 1;
        },
        [&] {
            const std::lock_guard guard(mutex);
            r1 = ready;
            r2 = data;
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {1, 1});
FORBIDDEN({1, 0}, {0, 1}, data_race);
