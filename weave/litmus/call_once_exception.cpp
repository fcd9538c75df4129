// A function to be called once that fails the first time: that call does not count, its caller gets
// the exception, and the next caller runs it again.
#include "litmus.h"

#include <mutex>

LITMUS(call_once_exception) {
    std::once_flag once;
    int attempts = 0;
    int done = 0;
    std::atomic<int> caught = 0;
    const auto caller = [&] {
        try {
            std::call_once(once, [&] {
                if (++attempts == 1) {
                    throw 1;
                }
                ++done;
            });
        } catch (int) {
            caught.fetch_add(1, relaxed);
        }
    };
    concurrently(caller, caller);
    return outcome(attempts, done, caught.load(relaxed));
}
ALLOWED({2, 1, 1});
FORBIDDEN({1, 0, 1}, {2, 2, 0}, data_race, deadlock);
