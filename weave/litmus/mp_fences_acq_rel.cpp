// Message passing with acquire-release fences: each does what is needed on its side, so they
// synchronise as a release and an acquire fence would.
#include "litmus.h"

LITMUS(mp_fences_acq_rel) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            fence(acq_rel);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            fence(acq_rel);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
