// Two locks taken together, named in opposite order: a scoped lock unlocks what it has when it
// cannot get the rest, so neither thread waits forever.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_scoped_lock) {
    std::mutex left;
    std::mutex right;
    int count = 0;
    concurrently(
        [&] {
            const std::scoped_lock guard(left, right);
            ++count;
        },
        [&] {
            const std::scoped_lock guard(right, left);
            ++count;
        });
    return outcome(count);
}
ALLOWED({2});
FORBIDDEN({1}, deadlock, livelock, data_race);
