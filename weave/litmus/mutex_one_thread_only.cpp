// Plain data under a lock that one of the threads does not take: each execution races.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_one_thread_only) {
    std::mutex mutex;
    int count = 0;
    concurrently(
        [&] {
            mutex.lock();
            ++count;
            mutex.unlock();
        },
        [&] { ++count; });
    return outcome(count);
}
ALLOWED(data_race);
FORBIDDEN({1}, {2});
