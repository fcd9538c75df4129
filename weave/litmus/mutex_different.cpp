// Plain data under two different locks: they do not order anything between the threads, so each
// execution races.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_different) {
    std::mutex left;
    std::mutex right;
    int count = 0;
    concurrently(
        [&] {
            left.lock();
            ++count;
            left.unlock();
        },
        [&] {
            right.lock();
            ++count;
            right.unlock();
        });
    return outcome(count);
}
ALLOWED(data_race);
FORBIDDEN({1}, {2});
