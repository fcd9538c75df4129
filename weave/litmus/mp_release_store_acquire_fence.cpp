// Message passing with a release store and an acquire fence: the store synchronises with the fence
// after the relaxed load that reads it.
#include "litmus.h"

LITMUS(mp_release_store_acquire_fence) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            r1 = flag.load(relaxed);
            fence(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
