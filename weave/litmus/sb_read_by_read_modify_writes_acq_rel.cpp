// Store buffering whose reads are read-modify-writes, with release and acquire: both may read the
// initial value, because the two threads synchronise with nothing.
#include "litmus.h"

LITMUS(sb_read_by_read_modify_writes_acq_rel) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, release);
            r1 = y.fetch_add(10, acq_rel);
        },
        [&] {
            y.store(1, release);
            r2 = x.fetch_add(10, acq_rel);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
