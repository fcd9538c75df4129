// A recursive lock that was taken twice and given back once is still taken: the other thread sees
// nothing of what its owner is doing.
#include "litmus.h"

#include <mutex>

LITMUS(recursive_mutex_half_unlocked) {
    std::recursive_mutex mutex;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            mutex.lock();
            mutex.lock();
            data = 1;
            mutex.unlock();
            data = 2;
            mutex.unlock();
        },
        [&] {
            const std::lock_guard guard(mutex);
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({0}, {2});
FORBIDDEN({1}, data_race);
