// Message passing whose consumer reads the data with a read-modify-write: all relaxed, so it may
// read the older value, and its own store then comes before the producer's.
#include "litmus.h"

LITMUS(mp_consumer_read_modify_write_relaxed) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            r2 = data.fetch_add(10, relaxed);
        });
    return outcome(r1, r2, data.load(relaxed));
}
ALLOWED({0, 0, 1}, {0, 1, 11}, {1, 0, 1}, {1, 1, 11});
FORBIDDEN({0, 0, 11}, {1, 0, 11}, {1, 0, 10});
