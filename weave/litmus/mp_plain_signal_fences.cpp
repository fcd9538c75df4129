// Plain data with signal fences: they do not synchronise threads, so the read races.
#include "litmus.h"

LITMUS(mp_plain_signal_fences) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            std::atomic_signal_fence(std::memory_order_seq_cst);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, data_race);
FORBIDDEN();
