// A joining thread is joined when its object ends: what it did happens before what comes after.
#include "litmus.h"

LITMUS(jthread_joins) {
    int data = 0;
    {
        const std::jthread thread([&] { data = 1; });
    }
    return outcome(data);
}
ALLOWED({1});
FORBIDDEN({0}, data_race);
