// A waiter that tests the condition before it sleeps but not after it wakes: another thread may
// have taken the item in between, or the waiter comes last and sleeps forever.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_not_tested_again) {
    std::mutex mutex;
    std::condition_variable condition;
    int items = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            ++items;
            condition.notify_one();
        },
        [&] {
            std::unique_lock guard(mutex);
            if (items == 0) {
                condition.wait(guard);
            }
            --items;
        },
        [&] {
            const std::lock_guard guard(mutex);
            if (items > 0) {
                --items;
            }
        });
    return outcome(items);
}
ALLOWED({-1}, {0}, deadlock);
FORBIDDEN({1}, data_race);
