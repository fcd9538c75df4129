// Two stores with a relaxed message between them: it does not order them, so the reader's store may
// be the older one.
#include "litmus.h"

LITMUS(coww_after_relaxed_message) {
    std::atomic<int> x = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            x.store(2, relaxed);
        });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN();
