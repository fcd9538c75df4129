// A future shared by two threads: both wait for it, and both see what came before.
#include "litmus.h"

#include <future>

LITMUS(shared_future_two_readers) {
    std::promise<void> promise;
    const std::shared_future<void> future = promise.get_future().share();
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data = 1;
            promise.set_value();
        },
        [&, own = future] {
            own.wait();
            r1 = data;
        },
        [&, own = future] {
            own.wait();
            r2 = data;
        });
    return outcome(r1, r2);
}
ALLOWED({1, 1});
FORBIDDEN({0, 1}, {1, 0}, deadlock, data_race);
