// Read-modify-writes of two more threads, both relaxed: the sequence goes through both.
#include "litmus.h"

LITMUS(release_sequence_chain) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.store(1, release);
        },
        [&] { flag.fetch_add(2, relaxed); }, [&] { flag.fetch_add(4, relaxed); },
        [&] {
            r1 = flag.load(acquire);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1}, {2, 0}, {2, 1}, {3, 1}, {4, 0}, {4, 1}, {5, 1}, {6, 0}, {6, 1},
        {7, 1});
FORBIDDEN({1, 0}, {3, 0}, {5, 0}, {7, 0});
