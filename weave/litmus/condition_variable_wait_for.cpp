// Waiting for a condition with a time limit: it comes in time or not, and neither thread waits
// forever.
#include "litmus.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_wait_for) {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    int r1 = 0;
    concurrently(
        [&] {
            {
                const std::lock_guard guard(mutex);
                ready = true;
            }
            condition.notify_one();
        },
        [&] {
            std::unique_lock guard(mutex);
            r1 = condition.wait_for(guard, std::chrono::milliseconds(1), [&] { return ready; });
        });
    return outcome(r1);
}
ALLOWED({0}, {1});
FORBIDDEN(deadlock, data_race);
