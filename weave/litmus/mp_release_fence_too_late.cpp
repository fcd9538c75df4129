// Message passing where the release fence is after the flag store: a fence synchronises through
// stores after it, and there is none.
#include "litmus.h"

LITMUS(mp_release_fence_too_late) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, relaxed);
            fence(release);
        },
        [&] {
            r1 = flag.load(relaxed);
            fence(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
