// A relaxed read-modify-write passes on the release store before it, but nothing of its own thread.
#include "litmus.h"

LITMUS(release_sequence_relaxed_middle_publishes_nothing) {
    std::atomic<int> own = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { flag.store(1, release); },
                 [&] {
                     own.store(1, relaxed);
                     flag.fetch_add(2, relaxed);
                 },
                 [&] {
                     r1 = flag.load(acquire);
                     r2 = own.load(relaxed);
                 });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}, {3, 0}, {3, 1});
FORBIDDEN();
