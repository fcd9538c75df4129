// A load and then a read-modify-write of the same object: the second does not read an older store
// than the first.
#include "litmus.h"

LITMUS(corw_read_modify_write) {
    std::atomic<int> x = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     r1 = x.load(relaxed);
                     r2 = x.fetch_add(10, relaxed);
                 });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 1});
FORBIDDEN({1, 0});
