// Message passing with release and acquire whose consumer reads the data with a relaxed
// read-modify-write: it may not read an older value than the one that the flag announces.
#include "litmus.h"

LITMUS(mp_consumer_read_modify_write) {
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
            r1 = flag.load(acquire);
            r2 = data.fetch_add(10, relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
