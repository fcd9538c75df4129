// Writing what a thread reads after having started it: only what comes before the start is ordered,
// so each execution races.
#include "litmus.h"

LITMUS(data_race_after_start) {
    int data = 0;
    int r1 = 0;
    std::thread thread([&] { r1 = data; });
    data = 1;
    thread.join();
    return outcome(r1);
}
ALLOWED(data_race);
FORBIDDEN({0}, {1});
