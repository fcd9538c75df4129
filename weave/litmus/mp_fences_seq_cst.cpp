// Message passing with sequentially consistent fences: they are release and acquire fences too, so
// they synchronise when the flag is seen.
#include "litmus.h"

LITMUS(mp_fences_seq_cst) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            fence(seq_cst);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            fence(seq_cst);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
