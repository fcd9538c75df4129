// A thread that is joined by another one than its starter: what it did reaches the starter by way
// of that one.
#include "litmus.h"

LITMUS(thread_joined_by_another) {
    int data = 0;
    int r1 = 0;
    std::thread first([&] { data = 1; });
    std::thread second([&] {
        first.join();
        r1 = data;
        data = 2;
    });
    second.join();
    return outcome(r1, data);
}
ALLOWED({1, 2});
FORBIDDEN({0, 2}, {1, 1}, data_race);
