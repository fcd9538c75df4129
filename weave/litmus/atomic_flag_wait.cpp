// Waiting for a flag to be set, by its own functions: the waiter is woken and sees the data.
#include "litmus.h"

LITMUS(atomic_flag_wait) {
    std::atomic_flag flag;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data = 1;
            flag.test_and_set(release);
            flag.notify_one();
        },
        [&] {
            flag.wait(false, acquire);
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, livelock, data_race);
