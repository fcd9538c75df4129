// Store buffering whose reads are read-modify-writes, relaxed: both may read the initial value.
#include "litmus.h"

LITMUS(sb_read_by_read_modify_writes_relaxed) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            r1 = y.fetch_add(10, relaxed);
        },
        [&] {
            y.store(1, relaxed);
            r2 = x.fetch_add(10, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
