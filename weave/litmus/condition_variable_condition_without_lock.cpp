// Waiting for a condition that is changed without the lock: change and notification may come
// between the waiter's test of the condition and its sleep, and are lost.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_condition_without_lock) {
    std::mutex mutex;
    std::condition_variable condition;
    std::atomic<int> ready = 0;
    int r1 = 0;
    concurrently(
        [&] {
            ready.store(1, seq_cst);
            condition.notify_one();
        },
        [&] {
            std::unique_lock guard(mutex);
            condition.wait(guard, [&] { return ready.load(seq_cst) == 1; });
            r1 = 1;
        });
    return outcome(r1);
}
ALLOWED({1}, deadlock);
FORBIDDEN({0});
