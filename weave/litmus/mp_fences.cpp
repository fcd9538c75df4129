// Message passing with a release fence before the relaxed flag store and an acquire fence after the
// relaxed flag load: the fences synchronise when the load reads from the store.
#include "litmus.h"

LITMUS(mp_fences) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            fence(release);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            fence(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
