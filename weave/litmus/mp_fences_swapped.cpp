// Message passing with the kinds of fences swapped: an acquire fence publishes nothing, and a
// release fence acquires nothing.
#include "litmus.h"

LITMUS(mp_fences_swapped) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            fence(acquire);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            fence(release);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
