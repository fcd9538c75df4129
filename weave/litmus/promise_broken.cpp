// A promise that is dropped without being kept: the waiter is told so and does not wait forever.
#include "litmus.h"

#include <future>
#include <optional>

LITMUS(promise_broken) {
    std::optional<std::promise<int>> promise(std::in_place);
    std::future<int> future = promise->get_future();
    int r1 = 0;
    concurrently([&] { promise.reset(); },
                 [&] {
                     try {
                         r1 = future.get();
                     } catch (const std::future_error&) {
                         r1 = 1;
                     }
                 });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, data_race);
