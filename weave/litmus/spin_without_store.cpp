// A thread that spins for a flag that no thread sets: it spins forever.
#include "litmus.h"

LITMUS(spin_without_store) {
    std::atomic<int> flag = 0;
    std::atomic<int> other = 0;
    concurrently(
        [&] {
            while (flag.load(relaxed) == 0) {
            }
        },
        [&] { other.store(1, relaxed); });
    return outcome(0);
}
ALLOWED(livelock);
FORBIDDEN({0}, deadlock);
