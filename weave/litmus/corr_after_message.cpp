// Coherence through a message: the second reader's load comes after the first reader's, so it does
// not read an older store.
#include "litmus.h"

LITMUS(corr_after_message) {
    std::atomic<int> x = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     flag.store(1, release);
                 },
                 [&] {
                     r2 = flag.load(acquire);
                     r3 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1});
FORBIDDEN({1, 1, 0});
