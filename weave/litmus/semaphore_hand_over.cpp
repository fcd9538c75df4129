// A semaphore that one thread raises and the other one waits for: what came before happens before
// what comes after.
#include "litmus.h"

#include <semaphore>

LITMUS(semaphore_hand_over) {
    std::binary_semaphore semaphore(0);
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            data = 1;
            semaphore.release();
        },
        [&] {
            semaphore.acquire();
            r1 = data;
        });
    return outcome(r1);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, livelock, data_race);
