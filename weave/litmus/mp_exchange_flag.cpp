// Message passing through an exchange at both ends, acquire-release: the thread that takes the flag
// sees the data.
#include "litmus.h"

LITMUS(mp_exchange_flag) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.exchange(1, acq_rel);
        },
        [&] {
            r1 = flag.exchange(2, acq_rel);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
