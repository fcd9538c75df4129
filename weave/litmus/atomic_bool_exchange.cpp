// Two threads that exchange a boolean: one of them finds it false.
#include "litmus.h"

LITMUS(atomic_bool_exchange) {
    std::atomic<bool> taken = false;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = taken.exchange(true, relaxed); },
                 [&] { r2 = taken.exchange(true, relaxed); });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0});
FORBIDDEN({0, 0}, {1, 1});
