// A try that fails synchronises with nothing: reading what the owner writes is a race then, and
// none if the try has succeeded.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_try_lock_failure) {
    std::mutex mutex;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            data = 1;
        },
        [&] {
            const bool owned = mutex.try_lock();
            r1 = data;
            if (owned) {
                mutex.unlock();
            }
        });
    return outcome(r1);
}
ALLOWED({0}, {1}, data_race);
FORBIDDEN();
