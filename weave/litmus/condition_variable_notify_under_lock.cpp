// Waiting for a condition that is notified under the lock: the waiter is woken and gets the lock
// when the notifier has left it.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_notify_under_lock) {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    int r1 = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            ready = true;
            condition.notify_one();
        },
        [&] {
            std::unique_lock guard(mutex);
            condition.wait(guard, [&] { return ready; });
            r1 = 1;
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN(deadlock, data_race);
