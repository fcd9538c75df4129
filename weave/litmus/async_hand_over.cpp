// A function that runs asynchronously: what came before its start happens before it, and what it
// did happens before getting its result returns.
#include "litmus.h"

#include <future>

LITMUS(async_hand_over) {
    int data = 1;
    std::future<int> result = std::async(std::launch::async, [&] {
        const int seen = data;
        data = 2;
        return seen;
    });
    const int r1 = result.get();
    return outcome(r1, data);
}
ALLOWED({1, 2});
FORBIDDEN({1, 1}, {0, 2}, deadlock, data_race);
