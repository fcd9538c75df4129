// Two locks taken in the same order: the thread that has the first one gets the second one.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_same_order) {
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
            left.lock();
            right.lock();
            x.fetch_add(1, relaxed);
            right.unlock();
            left.unlock();
        });
    return outcome(x.load(relaxed));
}
ALLOWED({2});
FORBIDDEN(deadlock);
