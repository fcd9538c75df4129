// A compare-exchange of two numbers at once: it compares both, so a change of the second one alone
// makes it fail.
#include "litmus.h"

LITMUS(atomic_struct_compare_exchange) {
    struct Pair {
        std::int32_t value;
        std::int32_t version;
    };
    std::atomic<Pair> pair = Pair{1, 0};
    int r1 = 0;
    concurrently([&] { pair.store(Pair{1, 1}, relaxed); },
                 [&] {
                     Pair expected = {1, 0};
                     r1 = pair.compare_exchange_strong(expected, Pair{2, 0}, relaxed, relaxed);
                 });
    const Pair left = pair.load(relaxed);
    return outcome(r1, left.value, left.version);
}
ALLOWED({0, 1, 1}, {1, 1, 1});
FORBIDDEN({1, 2, 0}, {1, 2, 1}, {0, 1, 0});
