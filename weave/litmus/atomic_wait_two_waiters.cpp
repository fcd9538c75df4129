// Two threads that wait for the same value to change: notifying all wakes both.
#include "litmus.h"

LITMUS(atomic_wait_two_waiters) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            flag.wait(0, acquire);
            r1 = data;
        },
        [&] {
            flag.wait(0, acquire);
            r2 = data;
        },
        [&] {
            data = 1;
            flag.store(1, release);
            flag.notify_all();
        });
    return outcome(r1, r2);
}
ALLOWED({1, 1});
FORBIDDEN({0, 1}, {1, 0}, deadlock, livelock, data_race);
