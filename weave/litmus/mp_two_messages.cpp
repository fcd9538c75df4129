// Message passing where the flag says how many messages are out: seeing the second flag shows both
// messages, seeing the first one shows at least the first.
#include "litmus.h"

LITMUS(mp_two_messages) {
    std::atomic<int> first = 0;
    std::atomic<int> second = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            first.store(1, relaxed);
            flag.store(1, release);
            second.store(1, relaxed);
            flag.store(2, release);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = first.load(relaxed);
            r3 = second.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 1, 0}, {1, 1, 1}, {2, 1, 1});
FORBIDDEN({1, 0, 0}, {1, 0, 1}, {2, 0, 1}, {2, 1, 0}, {2, 0, 0});
