// Three threads that try to get one of two permits: two of them do.
#include "litmus.h"

#include <semaphore>

LITMUS(semaphore_two_permits) {
    std::counting_semaphore<2> permits(2);
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { r1 = permits.try_acquire(); }, [&] { r2 = permits.try_acquire(); },
                 [&] { r3 = permits.try_acquire(); });
    return outcome(r1, r2, r3);
}
ALLOWED({1, 1, 0}, {1, 0, 1}, {0, 1, 1});
FORBIDDEN({1, 1, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0});
