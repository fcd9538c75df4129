// Waiting without a condition, and nobody notifies: a wait may return all the same, or it does not.
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
