// Coherence of writes through a message: a store that comes after another one is the newer one.
#include "litmus.h"

LITMUS(coww_after_message) {
    std::atomic<int> x = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            r1 = flag.load(acquire);
            x.store(2, relaxed);
        });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 2});
FORBIDDEN({1, 1});
