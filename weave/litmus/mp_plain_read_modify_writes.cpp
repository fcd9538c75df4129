// Plain data under a counter of read-modify-writes, acquire-release: the second thread sees what
// the first one wrote, and only the second one accesses the other's data.
#include "litmus.h"

LITMUS(mp_plain_read_modify_writes) {
    std::atomic<int> count = 0;
    int first = 0;
    int second = 0;
    int r1 = -1;
    int r2 = -1;
    concurrently(
        [&] {
            first = 1;
            if (count.fetch_add(1, acq_rel) == 1) {
                r1 = second;
            }
        },
        [&] {
            second = 1;
            if (count.fetch_add(1, acq_rel) == 1) {
                r2 = first;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({-1, 1}, {1, -1});
FORBIDDEN(data_race, {0, -1}, {-1, 0}, {1, 1});
