// Plain data under a counter of read-modify-writes that release but do not acquire: the second
// thread races with the first one.
#include "litmus.h"

LITMUS(mp_plain_read_modify_writes_release) {
    std::atomic<int> count = 0;
    int first = 0;
    int second = 0;
    int r1 = -1;
    int r2 = -1;
    concurrently(
        [&] {
            first = 1;
            if (count.fetch_add(1, release) == 1) {
                r1 = second;
            }
        },
        [&] {
            second = 1;
            if (count.fetch_add(1, release) == 1) {
                r2 = first;
            }
        });
    return outcome(r1, r2);
}
ALLOWED(data_race);
FORBIDDEN({1, -1}, {-1, 1});
