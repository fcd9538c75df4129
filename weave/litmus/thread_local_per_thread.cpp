// A variable of which each thread has its own: neither sees the other one's writes, and they do not
// race.
#include "litmus.h"

namespace {

thread_local int own = 0;

}  // namespace

LITMUS(thread_local_per_thread) {
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            own += 1;
            r1 = own;
        },
        [&] {
            own += 2;
            r2 = own;
        });
    return outcome(r1, r2);
}
ALLOWED({1, 2});
FORBIDDEN({1, 3}, {3, 2}, {3, 3}, data_race);
