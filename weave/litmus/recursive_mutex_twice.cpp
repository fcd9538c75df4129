// A recursive lock taken twice by each of two threads: a thread does not wait for itself.
#include "litmus.h"

#include <mutex>

LITMUS(recursive_mutex_twice) {
    std::recursive_mutex mutex;
    int count = 0;
    const auto twice = [&] {
        const std::lock_guard outer(mutex);
        const std::lock_guard inner(mutex);
        ++count;
    };
    concurrently(twice, twice);
    return outcome(count);
}
ALLOWED({2});
FORBIDDEN({1}, deadlock, data_race);
