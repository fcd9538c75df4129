// Plain data passed there and back by two flags: each write happens before the other thread's next
// access, so there is no race.
#include "litmus.h"

LITMUS(mp_plain_and_back) {
    std::atomic<int> there = 0;
    std::atomic<int> back = 0;
    int data = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data = 1;
            there.store(1, release);
            while (back.load(acquire) == 0) {
            }
            r1 = data;
        },
        [&] {
            while (there.load(acquire) == 0) {
            }
            r2 = data;
            data = 2;
            back.store(1, release);
        });
    return outcome(r1, r2);
}
ALLOWED({2, 1});
FORBIDDEN(data_race, {1, 1}, {2, 0});
