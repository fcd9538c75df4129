// Message passing by sleeping long enough: time does not synchronise, so the store may be missed.
#include "litmus.h"

#include <chrono>

LITMUS(sleep_orders_nothing) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     std::this_thread::sleep_for(std::chrono::milliseconds(1));
                     r1 = x.load(relaxed);
                 });
    return outcome(r1);
}
ALLOWED({0}, {1});
FORBIDDEN();
