// A plain read and a plain write that nothing orders: a race, whichever comes first.
#include "litmus.h"

LITMUS(data_race_read_write) {
    int x = 0;
    int r1 = 0;
    concurrently([&] { x = 1; }, [&] { r1 = x; });
    return outcome(r1);
}
ALLOWED(data_race);
FORBIDDEN({0}, {1});
