// Two threads that wait for the same condition: notifying all wakes both.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_notify_all) {
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
        condition.notify_all();
    });
    return outcome(woken);
}
ALLOWED({2});
FORBIDDEN({1}, deadlock, data_race);
