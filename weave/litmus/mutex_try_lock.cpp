// Two threads that try a lock once. Either may fail, as the other has the lock or for no reason
// ([thread.mutex.requirements.mutex]); what they count under it is never lost.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_try_lock) {
    std::mutex mutex;
    int count = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            if (mutex.try_lock()) {
                r1 = 1;
                ++count;
                mutex.unlock();
            }
        },
        [&] {
            if (mutex.try_lock()) {
                r2 = 1;
                ++count;
                mutex.unlock();
            }
        });
    return outcome(r1, r2, count);
}
ALLOWED({1, 1, 2}, {1, 0, 1}, {0, 1, 1}, {0, 0, 0});
FORBIDDEN({1, 1, 1}, data_race);
