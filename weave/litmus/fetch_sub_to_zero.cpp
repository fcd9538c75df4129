// Two decrements from two, as of a reference count: exactly one of them is the last.
#include "litmus.h"

LITMUS(fetch_sub_to_zero) {
    std::atomic<int> count = 2;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = count.fetch_sub(1, acq_rel) == 1; },
                 [&] { r2 = count.fetch_sub(1, acq_rel) == 1; });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0});
FORBIDDEN({0, 0}, {1, 1});
