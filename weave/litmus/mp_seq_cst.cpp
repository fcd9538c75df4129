// Message passing, sequentially consistent: such a store also releases and such a load also
// acquires, so a thread that sees the flag sees the data.
#include "litmus.h"

LITMUS(mp_seq_cst) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, seq_cst);
            flag.store(1, seq_cst);
        },
        [&] {
            r1 = flag.load(seq_cst);
            r2 = data.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
