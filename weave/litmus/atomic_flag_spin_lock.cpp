// A spin lock of a flag that is set with acquire and cleared with release: plain data under it do
// not race.
#include "litmus.h"

LITMUS(atomic_flag_spin_lock) {
    std::atomic_flag locked;
    int count = 0;
    const auto increment = [&] {
        while (locked.test_and_set(acquire)) {
        }
        ++count;
        locked.clear(release);
    };
    concurrently(increment, increment);
    return outcome(count);
}
ALLOWED({2});
FORBIDDEN({1}, livelock, data_race);
