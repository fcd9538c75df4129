// A volatile variable is not an atomic one: reading and writing it at the same time is a race.
#include "litmus.h"

LITMUS(data_race_volatile) {
    volatile int x = 0;
    int r1 = 0;
    concurrently([&] { x = 1; }, [&] { r1 = x; });
    return outcome(r1);
}
ALLOWED(data_race);
FORBIDDEN({0}, {1});
