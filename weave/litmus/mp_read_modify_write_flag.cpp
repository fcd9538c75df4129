// Message passing with read-modify-writes of the flag: the one that releases synchronises with the
// one that acquires, if that one comes later.
#include "litmus.h"

LITMUS(mp_read_modify_write_flag) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.fetch_add(1, release);
        },
        [&] {
            r1 = flag.fetch_add(2, acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
