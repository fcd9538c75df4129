// Joining a thread: what it did happens before what comes after the join.
#include "litmus.h"

LITMUS(thread_join_hand_over) {
    std::atomic<int> x = 0;
    int data = 0;
    std::thread thread([&] {
        data = 1;
        x.store(1, relaxed);
    });
    thread.join();
    return outcome(data, x.load(relaxed));
}
ALLOWED({1, 1});
FORBIDDEN({0, 1}, {1, 0}, data_race);
