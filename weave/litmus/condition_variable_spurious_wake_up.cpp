// Waiting without a condition and without a notification: the wait returns spuriously, or never.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_spurious_wake_up) {
    std::mutex mutex;
    std::condition_variable condition;
    int r1 = 0;
    concurrently([&] {
        std::unique_lock guard(mutex);
        condition.wait(guard);
        r1 = 1;
    });
    return outcome(r1);
}
ALLOWED({1}, deadlock);
FORBIDDEN({0});
