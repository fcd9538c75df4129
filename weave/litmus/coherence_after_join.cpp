// The last store of a variable: when all threads have ended, each load reads the same, newest one.
#include "litmus.h"

LITMUS(coherence_after_join) {
    std::atomic<int> x = 0;
    concurrently([&] { x.store(1, relaxed); }, [&] { x.store(2, relaxed); });
    return outcome(x.load(relaxed), x.load(relaxed));
}
ALLOWED({1, 1}, {2, 2});
FORBIDDEN({1, 2}, {2, 1}, {0, 0});
