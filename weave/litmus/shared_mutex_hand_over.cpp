// What a reader has done happens before what the next writer does: the writer may change what the
// reader has read.
#include "litmus.h"

#include <mutex>
#include <shared_mutex>

LITMUS(shared_mutex_hand_over) {
    std::shared_mutex mutex;
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            const std::shared_lock guard(mutex);
            r1 = data;
        },
        [&] {
            const std::shared_lock guard(mutex);
            r2 = data;
        },
        [&] {
            const std::lock_guard guard(mutex);
            data = 1;
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN(data_race, deadlock);
