// Message passing where the flag is stored with release and loaded sequentially consistently: the
// load is an acquire load too, so they synchronise.
#include "litmus.h"

LITMUS(mp_release_store_seq_cst_load) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] {
            r1 = flag.load(seq_cst);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
