// Message passing with a floating-point number as the flag: it is released and acquired as any
// other.
#include "litmus.h"

LITMUS(atomic_double_message) {
    std::atomic<double> flag = 0.0;
    int data = 0;
    int r1 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(0.5, release);
        },
        [&] {
            if (flag.load(acquire) == 0.5) {
                r1 = data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, {1});
FORBIDDEN({0}, data_race);
