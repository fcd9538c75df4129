// A writer has a shared lock for itself: a reader comes before or after it, and they do not race.
#include "litmus.h"

#include <mutex>
#include <shared_mutex>

LITMUS(shared_mutex_writer_alone) {
    std::shared_mutex mutex;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            data = 1;
            data = 2;
        },
        [&] {
            const std::shared_lock guard(mutex);
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({0}, {2});
FORBIDDEN({1}, data_race);
