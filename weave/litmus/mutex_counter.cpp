// Two increments of a plain number under a lock: none is lost, and they do not race.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_counter) {
    std::mutex mutex;
    int count = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            ++count;
        },
        [&] {
            const std::lock_guard guard(mutex);
            ++count;
        });
    return outcome(count);
}
ALLOWED({2});
FORBIDDEN({1}, data_race);
