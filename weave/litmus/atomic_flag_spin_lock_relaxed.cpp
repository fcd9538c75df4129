// A spin lock of a flag that is set and cleared relaxed: it keeps the threads apart, but orders
// nothing for them, so each execution races.
#include "litmus.h"

LITMUS(atomic_flag_spin_lock_relaxed) {
    std::atomic_flag locked;
    int count = 0;
    const auto increment = [&] {
        while (locked.test_and_set(relaxed)) {
        }
        ++count;
        locked.clear(relaxed);
    };
    concurrently(increment, increment);
    return outcome(count);
}
ALLOWED(data_race);
FORBIDDEN({1}, {2});
