// Waiting without a condition: a notification that comes before the wait is lost, and the waiter
// waits forever.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_lost_wake_up) {
    std::mutex mutex;
    std::condition_variable condition;
    int r1 = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            condition.notify_one();
        },
        [&] {
            std::unique_lock guard(mutex);
            condition.wait(guard);
            r1 = 1;
        });
    return outcome(r1);
}
ALLOWED({1}, deadlock);
FORBIDDEN({0});
