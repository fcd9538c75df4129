// Two read-modify-writes that may both come before a store that their threads know to be there: one
// of them reads the initial value, and the other one what that stored.
#include "litmus.h"

LITMUS(read_modify_writes_of_older_store) {
    std::atomic<int> x = 0;
    std::atomic<int> flag = 0;
    int r1 = -1;
    int r2 = -1;
    const auto add = [&](int& r) {
        if (flag.load(relaxed) == 1) {
            r = x.fetch_add(1, relaxed);
        }
    };
    concurrently(
        [&] {
            x.store(10, relaxed);
            flag.store(1, relaxed);
        },
        [&] { add(r1); }, [&] { add(r2); });
    return outcome(r1, r2);
}
ALLOWED({-1, -1}, {-1, 0}, {-1, 10}, {0, -1}, {10, -1}, {0, 1}, {1, 0}, {0, 10}, {10, 0}, {10, 11},
        {11, 10});
FORBIDDEN({0, 0}, {10, 10});
