// Waiting for a condition that never becomes true: a spurious wake-up does not end the wait.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_spurious_wake_up_with_condition) {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    int r1 = 0;
    concurrently([&] {
        std::unique_lock guard(mutex);
        condition.wait(guard, [&] { return ready; });
        r1 = 1;
    });
    return outcome(r1);
}
ALLOWED(deadlock);
FORBIDDEN({0}, {1});
