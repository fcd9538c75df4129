// Message passing with a release store but a relaxed load: a relaxed load synchronises with
// nothing, so the flag may be seen without the data.
#include "litmus.h"

LITMUS(mp_release_relaxed) {
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
            r1 = flag.load(relaxed);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
