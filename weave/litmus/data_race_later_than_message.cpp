// The writer continues to write after it has published: a reader that saw the flag races with that,
// one that did not see it does not read.
#include "litmus.h"

LITMUS(data_race_later_than_message) {
    std::atomic<int> flag = 0;
    int data = 0;
    int r1 = 0;
    int r2 = -1;
    concurrently(
        [&] {
            flag.store(1, release);
            data = 1;
        },
        [&] {
            r1 = flag.load(acquire);
            if (r1 == 1) {
                r2 = data;
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, -1}, data_race);
FORBIDDEN({1, 0}, {1, 1});
