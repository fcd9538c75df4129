// A relaxed read-modify-write that reads the older of two stores continues the release sequence of
// that one, and not that of the newer one, which is relaxed.
#include "litmus.h"

LITMUS(release_sequence_older_store) {
    std::atomic<int> data = 0;
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            x.store(1, release);
            x.store(2, relaxed);
        },
        [&] { x.fetch_add(10, relaxed); },
        [&] {
            r1 = x.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1}, {2, 0}, {2, 1}, {10, 0}, {10, 1}, {11, 1}, {12, 0}, {12, 1});
FORBIDDEN({1, 0}, {11, 0});
