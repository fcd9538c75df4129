// Two additions to an atomic floating-point number: they are made by compare-exchange, and none is
// lost.
#include "litmus.h"

LITMUS(atomic_float_fetch_add) {
    std::atomic<float> x = 0.0F;
    concurrently([&] { x.fetch_add(0.5F, relaxed); }, [&] { x.fetch_add(0.25F, relaxed); });
    return outcome(static_cast<int>(x.load(relaxed) * 4));
}
ALLOWED({3});
FORBIDDEN({0}, {1}, {2}, livelock);
