// Waiting with a time limit for a condition that never becomes true: the time runs out.
#include "litmus.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_wait_for_times_out) {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    int r1 = 1;
    concurrently([&] {
        std::unique_lock guard(mutex);
        r1 = condition.wait_for(guard, std::chrono::milliseconds(1), [&] { return ready; });
    });
    return outcome(r1);
}
ALLOWED({0});
FORBIDDEN({1}, deadlock);
