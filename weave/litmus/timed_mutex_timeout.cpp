// A lock that is waited for with a time limit: it is taken in time or not, and neither thread waits
// forever.
#include "litmus.h"

#include <chrono>
#include <mutex>

LITMUS(timed_mutex_timeout) {
    std::timed_mutex mutex;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            data = 1;
        },
        [&] {
            if (mutex.try_lock_for(std::chrono::milliseconds(1))) {
                r1 = 1;
                data = 2;
                mutex.unlock();
            }
        });
    return outcome(r1, data);
}
ALLOWED({0, 1}, {1, 1}, {1, 2});
FORBIDDEN({0, 2}, deadlock, data_race);
