// Store buffering with sequentially consistent fences, whose reads are relaxed read-modify-writes.
#include "litmus.h"

LITMUS(sb_read_by_read_modify_writes_fences_seq_cst) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            fence(seq_cst);
            r1 = y.fetch_add(10, relaxed);
        },
        [&] {
            y.store(1, relaxed);
            fence(seq_cst);
            r2 = x.fetch_add(10, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
