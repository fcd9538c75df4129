// Waiting for a value to change: the waiter either finds it changed or is woken, and has acquired
// what was released.
#include "litmus.h"

LITMUS(atomic_wait_hand_over) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
            flag.notify_one();
        },
        [&] {
            flag.wait(0, acquire);
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, livelock, data_race);
