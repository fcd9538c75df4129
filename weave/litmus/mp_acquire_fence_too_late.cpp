// Message passing where the acquire fence is after the data load: it orders what comes after it,
// which the load is not.
#include "litmus.h"

LITMUS(mp_acquire_fence_too_late) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            fence(release);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            r2 = data.load(relaxed);
            fence(acquire);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
