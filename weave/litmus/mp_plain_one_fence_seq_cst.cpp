// Plain data with the strongest fence in the writer only: without anything that acquires, the read
// races.
#include "litmus.h"

LITMUS(mp_plain_one_fence_seq_cst) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            fence(seq_cst);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, data_race);
FORBIDDEN();
