// Waiting for a future with a time limit: it is ready in time or not, and neither thread waits
// forever.
#include "litmus.h"

#include <chrono>
#include <future>

LITMUS(future_wait_for) {
    std::promise<void> promise;
    const std::future<void> future = promise.get_future();
    int data = 0;
    int r1 = -1;
    concurrently(
        [&] {
            data = 1;
            promise.set_value();
        },
        [&] {
            if (future.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) {
                r1 = data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, {1});
FORBIDDEN({0}, deadlock, data_race);
