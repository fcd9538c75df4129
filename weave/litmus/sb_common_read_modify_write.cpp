// Store buffering with a read-modify-write of a common third variable between store and load: the
// later one reads from the earlier one and synchronises with it, so its thread sees the store.
#include "litmus.h"

LITMUS(sb_common_read_modify_write) {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::atomic<int> common = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            common.fetch_add(1, acq_rel);
            r1 = y.load(relaxed);
        },
        [&] {
            y.store(1, relaxed);
            common.fetch_add(1, acq_rel);
            r2 = x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
