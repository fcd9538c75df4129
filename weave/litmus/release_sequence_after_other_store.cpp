// A read-modify-write after a plain store of another thread: the store has ended the release
// sequence, and nothing restores it.
#include "litmus.h"

LITMUS(release_sequence_after_other_store) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
            r1 = flag.exchange(4, relaxed);
        },
        [&] { flag.store(2, relaxed); },
        [&] {
            r2 = flag.load(acquire);
            r3 = data.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({1, 0, 0}, {1, 0, 1}, {1, 1, 1}, {1, 2, 0}, {1, 2, 1}, {1, 4, 1}, {2, 0, 0}, {2, 0, 1},
        {2, 1, 1}, {2, 2, 0}, {2, 2, 1}, {2, 4, 0}, {2, 4, 1});
FORBIDDEN({1, 4, 0}, {1, 1, 0}, {2, 1, 0});
