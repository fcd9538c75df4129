// Two increments made of a load and a weak compare-exchange that is repeated until it succeeds:
// none is lost.
#include "litmus.h"

LITMUS(compare_exchange_weak_loop) {
    std::atomic<int> x = 0;
    const auto increment = [&] {
        int seen = x.load(relaxed);
        while (!x.compare_exchange_weak(seen, seen + 1, relaxed, relaxed)) {
        }
    };
    concurrently(increment, increment);
    return outcome(x.load(relaxed));
}
ALLOWED({2});
FORBIDDEN({1}, livelock);
