// Waiting for a condition that never becomes true until a stop is requested: the request wakes the
// waiter, whether it comes before or after it sleeps.
#include "litmus.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>

LITMUS(condition_variable_any_stop) {
    std::mutex mutex;
    std::condition_variable_any condition;
    std::stop_source source;
    bool ready = false;
    int r1 = 1;
    concurrently([&] { source.request_stop(); },
                 [&] {
                     std::unique_lock guard(mutex);
                     r1 = condition.wait(guard, source.get_token(), [&] { return ready; });
                 });
    return outcome(r1);
}
ALLOWED({0});
FORBIDDEN({1}, deadlock, data_race);
