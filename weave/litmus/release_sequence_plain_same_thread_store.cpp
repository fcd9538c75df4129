// Plain data published by a release store that the same thread overwrites relaxed: reading the
// latter synchronises with nothing since C++20, so the read races.
#include "litmus.h"

LITMUS(release_sequence_plain_same_thread_store) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
            flag.store(2, relaxed);
        },
        [&] {
            r1 = flag.load(acquire);
            if (r1 == 2) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, -1}, data_race);
FORBIDDEN({2, 0}, {2, 1});
