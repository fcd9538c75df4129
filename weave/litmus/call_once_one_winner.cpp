// Two threads that call a function once: one of them runs it, the other one waits for it, and both
// see what it did.
#include "litmus.h"

#include <mutex>

LITMUS(call_once_one_winner) {
    std::once_flag once;
    int count = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            std::call_once(once, [&] { ++count; });
            r1 = count;
        },
        [&] {
            std::call_once(once, [&] { ++count; });
            r2 = count;
        });
    return outcome(r1, r2, count);
}
ALLOWED({1, 1, 1});
FORBIDDEN({0, 1, 1}, {1, 0, 1}, {1, 2, 2}, {2, 1, 2}, {2, 2, 2}, data_race, deadlock);
