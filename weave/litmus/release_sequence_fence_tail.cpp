// An acquire fence after a relaxed load of the sequence's last part synchronises with its head.
#include "litmus.h"

LITMUS(release_sequence_fence_tail) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] { flag.fetch_add(2, relaxed); },
        [&] {
            r1 = flag.load(relaxed);
            fence(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1}, {2, 0}, {2, 1}, {3, 1});
FORBIDDEN({1, 0}, {3, 0});
