// Message passing with signal fences: they order a thread with its own signal handlers only, and do
// nothing between threads.
#include "litmus.h"

LITMUS(mp_signal_fences) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            std::atomic_signal_fence(std::memory_order_release);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            std::atomic_signal_fence(std::memory_order_acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
