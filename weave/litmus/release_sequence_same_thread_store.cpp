// A later relaxed store of the same thread does not continue the release sequence, since C++20:
// reading it synchronises with nothing, so the data may be missing.
#include "litmus.h"

LITMUS(release_sequence_same_thread_store) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
            flag.store(2, relaxed);
        },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1}, {2, 0}, {2, 1});
FORBIDDEN({1, 0});
