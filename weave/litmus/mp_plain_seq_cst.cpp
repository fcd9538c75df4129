// Plain data published through a sequentially consistent flag: it releases and acquires, so there
// is not a race.
#include "litmus.h"

LITMUS(mp_plain_seq_cst) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, seq_cst);
        },
        [&] {
            r1 = flag.load(seq_cst);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, {1, 1});
FORBIDDEN({1, 0}, data_race);
