// A read-modify-write and then a store of the same thread: the store comes later, wherever the
// store of another thread goes.
#include "litmus.h"

LITMUS(coww_read_modify_write) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently([&] { x.store(5, relaxed); },
                 [&] {
                     r1 = x.fetch_add(1, relaxed);
                     x.store(7, relaxed);
                 });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 5}, {0, 7}, {5, 7});
FORBIDDEN({0, 1}, {5, 5}, {5, 6});
