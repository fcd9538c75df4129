// Store buffering inside a lock: one thread has the lock first, and the other one sees what it did.
#include "litmus.h"

#include <mutex>

LITMUS(sb_mutex) {
    std::mutex mutex;
    int x = 0;
    int y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            mutex.lock();
            x = 1;
            r1 = y;
            mutex.unlock();
        },
        [&] {
            mutex.lock();
            y = 1;
            r2 = x;
            mutex.unlock();
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0});
FORBIDDEN({0, 0}, {1, 1}, data_race);
