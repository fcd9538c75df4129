// Two threads that set the same bit: one of them finds it clear.
#include "litmus.h"

LITMUS(fetch_or_one_winner) {
    std::atomic<int> bits = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = bits.fetch_or(1, relaxed); }, [&] { r2 = bits.fetch_or(1, relaxed); });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0});
FORBIDDEN({0, 0}, {1, 1});
