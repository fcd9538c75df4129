// A thread that spins for a flag that no thread sets, but only if it comes too early.
#include "litmus.h"

LITMUS(spin_if_early) {
    std::atomic<int> late = 0;
    std::atomic<int> flag = 0;
    concurrently(
        [&] {
            if (late.load(relaxed) == 0) {
                while (flag.load(relaxed) == 0) {
                }
            }
        },
        [&] { late.store(1, relaxed); });
    return outcome(1);
}
ALLOWED({1}, livelock);
FORBIDDEN(deadlock);
