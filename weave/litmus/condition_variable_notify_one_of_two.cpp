// Two threads that wait for the same condition, and one notification: if both sleep, one of them
// keeps sleeping.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_notify_one_of_two) {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    int woken = 0;
    const auto waiter = [&] {
        std::unique_lock guard(mutex);
        condition.wait(guard, [&] { return ready; });
        ++woken;
    };
    concurrently(waiter, waiter, [&] {
        {
            const std::lock_guard guard(mutex);
            ready = true;
        }
        condition.notify_one();
    });
    return outcome(woken);
}
ALLOWED({2}, deadlock);
FORBIDDEN({1}, data_race);
