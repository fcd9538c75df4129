// Two plain writes that nothing orders: a race, whichever comes first.
#include "litmus.h"

LITMUS(data_race_write_write) {
    int x = 0;
    concurrently([&] { x = 1; }, [&] { x = 2; });
    return outcome(x);
}
ALLOWED(data_race);
FORBIDDEN({1}, {2});
