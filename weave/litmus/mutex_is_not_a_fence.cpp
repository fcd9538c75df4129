// Taking and leaving a lock between two relaxed stores: the lock synchronises with other owners, of
// which there is none, so a reader may see the stores out of order.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_is_not_a_fence) {
    std::mutex mutex;
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            mutex.lock();
            mutex.unlock();
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
