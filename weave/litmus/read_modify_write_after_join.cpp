// After the other threads have ended, a read-modify-write reads the newest store.
#include "litmus.h"

LITMUS(read_modify_write_after_join) {
    std::atomic<int> x = 0;
    concurrently([&] { x.store(1, relaxed); }, [&] { x.store(2, relaxed); });
    const int newest = x.load(relaxed);
    return outcome(x.fetch_add(10, relaxed) == newest, x.load(relaxed));
}
ALLOWED({1, 11}, {1, 12});
FORBIDDEN({0, 11}, {0, 12}, {1, 1}, {1, 2});
