// A promise that is kept by an exception: the waiter gets it, and sees what came before.
#include "litmus.h"

#include <exception>
#include <future>

LITMUS(promise_exception) {
    std::promise<void> promise;
    std::future<void> future = promise.get_future();
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data = 1;
            promise.set_exception(std::make_exception_ptr(3));
        },
        [&] {
            try {
                future.get();
            } catch (int number) {
                r1 = number;
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({3, 1});
FORBIDDEN({3, 0}, {0, 0}, deadlock, data_race);
