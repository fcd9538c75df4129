// Reading plain data after having slept long enough for the writer: time does not synchronise, so
// each execution races.
#include "litmus.h"

#include <chrono>

LITMUS(sleep_and_plain) {
    int data = 0;
    int r1 = 0;
    concurrently([&] { data = 1; },
                 [&] {
                     std::this_thread::sleep_for(std::chrono::milliseconds(1));
                     r1 = data;
                 });
    return outcome(r1);
}
ALLOWED(data_race);
FORBIDDEN({0}, {1});
