// Two increments made of a load and a store: they are not atomic, so one may be lost.
#include "litmus.h"

LITMUS(load_and_store_lose) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            r1 = x.load(seq_cst);
            x.store(r1 + 1, seq_cst);
        },
        [&] {
            r2 = x.load(seq_cst);
            x.store(r2 + 1, seq_cst);
        });
    return outcome(x.load(relaxed));
}
ALLOWED({1}, {2});
FORBIDDEN({0});
