// Two locks taken in opposite order: each thread may have the one that the other waits for.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_opposite_order) {
    std::mutex left;
    std::mutex right;
    std::atomic<int> x = 0;
    concurrently(
        [&] {
            left.lock();
            right.lock();
            x.fetch_add(1, relaxed);
            right.unlock();
            left.unlock();
        },
        [&] {
            right.lock();
            left.lock();
            x.fetch_add(1, relaxed);
            left.unlock();
            right.unlock();
        });
    return outcome(x.load(relaxed));
}
ALLOWED({2}, deadlock);
FORBIDDEN();
