// Two threads that write under a lock that they share: readers do not synchronise with each other,
// so each execution races.
#include "litmus.h"

#include <mutex>
#include <shared_mutex>

LITMUS(shared_mutex_write_under_shared_lock) {
    std::shared_mutex mutex;
    int data = 0;
    concurrently(
        [&] {
            const std::shared_lock guard(mutex);
            data = 1;
        },
        [&] {
            const std::shared_lock guard(mutex);
            data = 2;
        });
    return outcome(data);
}
ALLOWED(data_race);
FORBIDDEN({1}, {2});
