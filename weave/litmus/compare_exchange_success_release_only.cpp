// A successful compare-exchange with release alone does not acquire what it replaces.
#include "litmus.h"

LITMUS(compare_exchange_success_release_only) {
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
            int expected = 1;
            r1 = flag.compare_exchange_strong(expected, 2, release, relaxed);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
