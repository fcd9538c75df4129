// Message passing where the data changes again after the flag: the reader sees the data of the
// message or the newer ones, never the older.
#include "litmus.h"

LITMUS(mp_data_changed_later) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
            data.store(2, relaxed);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2});
FORBIDDEN({1, 0});
