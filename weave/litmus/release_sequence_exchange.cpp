// An exchange continues the release sequence too, although it does not use the value that it read.
#include "litmus.h"

LITMUS(release_sequence_exchange) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] { r1 = flag.exchange(2, relaxed); },
        [&] {
            r2 = flag.load(acquire);
            r3 = data.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 1}, {0, 2, 0}, {0, 2, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1},
        {1, 2, 1});
FORBIDDEN({1, 2, 0});
