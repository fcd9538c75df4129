// A lock that one thread takes only if it comes first, and keeps: the other one waits forever, or
// had it before.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_never_unlocked) {
    std::mutex mutex;
    std::atomic<int> x = 0;
    concurrently(
        [&] {
            mutex.lock();
            x.store(1, relaxed);
            mutex.unlock();
        },
        [&] {
            mutex.lock();
            if (x.load(relaxed) == 1) {
                mutex.unlock();
            }
        });
    return outcome(x.load(relaxed));
}
ALLOWED({1}, deadlock);
FORBIDDEN();
