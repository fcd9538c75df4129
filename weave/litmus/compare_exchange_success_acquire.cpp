// A successful compare-exchange with acquire synchronises with the release store it replaces.
#include "litmus.h"

LITMUS(compare_exchange_success_acquire) {
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
            r1 = flag.compare_exchange_strong(expected, 2, acquire, relaxed);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
