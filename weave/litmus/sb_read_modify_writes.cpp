// Store buffering with read-modify-writes for all four operations: the later one of a variable
// reads from the earlier one and synchronises with it, so if one thread misses, the other one sees.
#include "litmus.h"

LITMUS(sb_read_modify_writes) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.fetch_add(1, acq_rel);
            r1 = y.fetch_add(0, acq_rel);
        },
        [&] {
            y.fetch_add(1, acq_rel);
            r2 = x.fetch_add(0, acq_rel);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
