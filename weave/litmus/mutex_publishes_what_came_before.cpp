// Plain data written before a lock is taken: a thread that finds the lock released sees them after
// locking, without a race.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_publishes_what_came_before) {
    std::mutex mutex;
    int data = 0;
    int ready = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            mutex.lock();
            ready = 1;
            mutex.unlock();
        },
        [&] {
            mutex.lock();
            r1 = ready;
            mutex.unlock();
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, 1});
FORBIDDEN({1, 0}, data_race);
