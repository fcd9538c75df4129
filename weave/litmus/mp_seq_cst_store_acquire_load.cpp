// Message passing where the flag is stored sequentially consistently and loaded with acquire: the
// store is a release store too, so they synchronise.
#include "litmus.h"

LITMUS(mp_seq_cst_store_acquire_load) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, seq_cst);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
