// An increment and a store: the increment reads either what was there before or the store, and
// nothing comes between its read and its write.
#include "litmus.h"

LITMUS(fetch_add_and_store) {
    std::atomic<int> x = 0;
    int r1 = 0;
    concurrently([&] { x.store(5, relaxed); }, [&] { r1 = x.fetch_add(1, relaxed); });
    return outcome(r1, x.load(relaxed));
}
ALLOWED({0, 5}, {5, 6});
FORBIDDEN({0, 6}, {0, 1}, {5, 5});
