// Plain accesses to different objects do not race.
#include "litmus.h"

LITMUS(data_race_different_objects) {
    int x = 0;
    int y = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            x = 1;
            r1 = x;
        },
        [&] {
            y = 2;
            r2 = y;
        });
    return outcome(r1, r2);
}
ALLOWED({1, 2});
FORBIDDEN(data_race);
