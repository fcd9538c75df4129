// Plain data published through a relaxed flag: seeing the flag does not make the write happen
// before the read, so that read races with it. Not seeing the flag means no read.
#include "litmus.h"

LITMUS(mp_plain_relaxed) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            data = 1;
            flag.store(1, relaxed);
        },
        [&] {
            r1 = flag.load(relaxed);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, data_race);
FORBIDDEN({1, 0}, {1, 1});
