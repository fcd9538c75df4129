// Two threads that each spin for the other one's store, which comes after its own spinning: neither
// ever stores.
#include "litmus.h"

LITMUS(spin_for_each_other) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    concurrently(
        [&] {
            while (y.load(relaxed) == 0) {
            }
            x.store(1, relaxed);
        },
        [&] {
            while (x.load(relaxed) == 0) {
            }
            y.store(1, relaxed);
        });
    return outcome(0);
}
ALLOWED(livelock);
FORBIDDEN({0}, deadlock);
