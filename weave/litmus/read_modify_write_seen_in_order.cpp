// The store of a read-modify-write comes right after the one that it read, before or after the
// store of another thread. A third thread sees them in that order.
#include "litmus.h"

LITMUS(read_modify_write_seen_in_order) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { x.store(1, relaxed); }, [&] { r1 = x.fetch_add(10, relaxed); },
                 [&] {
                     r2 = x.load(relaxed);
                     r3 = x.load(relaxed);
                 });
    return outcome(r1, r2, r3);
}
ALLOWED({0, 0, 0}, {0, 0, 10}, {0, 0, 1}, {0, 10, 10}, {0, 10, 1}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1},
        {1, 0, 11}, {1, 1, 1}, {1, 1, 11}, {1, 11, 11});
FORBIDDEN({0, 1, 10}, {1, 11, 1}, {0, 1, 11}, {1, 10, 10});
