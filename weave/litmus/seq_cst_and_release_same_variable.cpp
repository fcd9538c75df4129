// A release store and a sequentially consistent store of the same flag: either publishes what its
// thread did before, and nothing of the other thread.
#include "litmus.h"

LITMUS(seq_cst_and_release_same_variable) {
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
        },
        [&] {
            second.store(1, relaxed);
            flag.store(2, seq_cst);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = first.load(relaxed);
            r3 = second.load(relaxed);
        });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 1, 0}, {1, 1, 1}, {2, 0, 1}, {2, 1, 1});
FORBIDDEN({1, 0, 0}, {1, 0, 1}, {2, 0, 0}, {2, 1, 0});
