// Reading what a thread writes before joining it: nothing orders the two, so each execution races.
#include "litmus.h"

LITMUS(data_race_before_join) {
    int data = 0;
    std::thread thread([&] { data = 1; });
    const int r1 = data;
    thread.join();
    return outcome(r1);
}
ALLOWED(data_race);
FORBIDDEN({0}, {1});
