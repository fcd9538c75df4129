// Waiting for a value to change that has changed already: no notification is needed.
#include "litmus.h"

LITMUS(atomic_wait_changed_before) {
    std::atomic<int> flag = 1;
    int r1 = 0;
    concurrently([&] {
        flag.wait(0, acquire);
        r1 = 1;
    });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN(deadlock, livelock);
