// A weak compare-exchange fails because it reads another value, or for no reason though it reads
// the expected one, of an older store too.
#include "litmus.h"

LITMUS(compare_exchange_weak_fails_on_older_store) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    int expected = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            r2 = data.compare_exchange_weak(expected, 5, relaxed, relaxed);
        });
    return outcome(r1, r2, expected);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0});
FORBIDDEN({0, 1, 1}, {1, 1, 1});
