// Two threads that set a flag: one of them finds it clear.
#include "litmus.h"

LITMUS(atomic_flag_one_winner) {
    std::atomic_flag flag;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = flag.test_and_set(relaxed); },
                 [&] { r2 = flag.test_and_set(relaxed); });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0});
FORBIDDEN({0, 0}, {1, 1});
