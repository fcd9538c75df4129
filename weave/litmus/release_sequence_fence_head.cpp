// A release fence heads a sequence too: the relaxed store after it, then a relaxed
// read-modify-write of another thread.
#include "litmus.h"

LITMUS(release_sequence_fence_head) {
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
        [&] { flag.fetch_add(2, relaxed); },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1}, {2, 0}, {2, 1}, {3, 1});
FORBIDDEN({1, 0}, {3, 0});
