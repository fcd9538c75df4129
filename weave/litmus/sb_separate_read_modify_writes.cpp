// Store buffering with a read-modify-write of a variable of its own in each thread: it is not a
// fence, and without another thread at the same variable it synchronises with nothing.
#include "litmus.h"

LITMUS(sb_separate_read_modify_writes) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> first = 0;
    std::atomic<int> second = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            first.fetch_add(1, acq_rel);
            r1 = y.load(relaxed);
        },
        [&] {
            y.store(1, relaxed);
            second.fetch_add(1, acq_rel);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
