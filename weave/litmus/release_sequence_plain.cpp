// Plain data published by a release store that is read through a relaxed read-modify-write: no
// race.
#include "litmus.h"

LITMUS(release_sequence_plain) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, release);
        },
        [&] { flag.fetch_add(2, relaxed); },
        [&] {
            r1 = flag.load(acquire);
            if (r1 == 1 || r1 == 3) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, 1}, {2, -1}, {3, 1});
FORBIDDEN(data_race, {1, 0}, {3, 0});
