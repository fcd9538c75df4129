// A promise kept by one thread and its future waited for by another: what came before keeping it
// happens before what comes after.
#include "litmus.h"

#include <future>

LITMUS(promise_hand_over) {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data = 1;
            promise.set_value(2);
        },
        [&] {
            r1 = future.get();
            r2 = data;
        });
    return outcome(r1, r2);
}
ALLOWED({2, 1});
FORBIDDEN({2, 0}, {0, 1}, deadlock, data_race);
