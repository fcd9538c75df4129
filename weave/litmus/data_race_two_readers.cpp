// Plain reads alone do not race, however many.
#include "litmus.h"

LITMUS(data_race_two_readers) {
    int x = 1;
    int r1 = 0;
    int r2 = 0;
    int r3 = 0;
    concurrently([&] { r1 = x; }, [&] { r2 = x; }, [&] { r3 = x; });
    return outcome(r1, r2, r3);
}
ALLOWED({1, 1, 1});
FORBIDDEN(data_race);
