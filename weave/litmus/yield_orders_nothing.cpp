// Message passing with a yield between the loads: it lets other threads run, but it is not a fence.
#include "litmus.h"

LITMUS(yield_orders_nothing) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            r1 = flag.load(relaxed);
            std::this_thread::yield();
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
