// Two read-modify-writes and a store: no two read the same store, in whichever order they come.
#include "litmus.h"

LITMUS(read_modify_writes_and_store) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { x.store(10, relaxed); }, [&] { r1 = x.fetch_add(1, relaxed); },
                 [&] { r2 = x.fetch_add(1, relaxed); });
    return outcome(r1, r2, x.load(relaxed));
}
ALLOWED({0, 1, 10}, {1, 0, 10}, {0, 10, 11}, {10, 0, 11}, {10, 11, 12}, {11, 10, 12});
FORBIDDEN({0, 0, 10}, {0, 0, 1}, {10, 10, 11});
