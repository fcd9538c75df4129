// Waiting for a condition under its lock: a late waiter finds it true, an early one is woken, and
// the data are seen.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_hand_over) {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            {
                const std::lock_guard guard(mutex);
                data = 1;
                ready = true;
            }
            condition.notify_one();
        },
        [&] {
            std::unique_lock guard(mutex);
            condition.wait(guard, [&] { return ready; });
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, data_race);
