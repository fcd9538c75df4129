// Starting a thread: what its starter did before happens before all that it does.
#include "litmus.h"

LITMUS(thread_start_hand_over) {
    std::atomic<int> x = 0;
    int data = 1;
    int r1 = 0;
    int r2 = 0;
    x.store(1, relaxed);
    std::thread thread([&] {
        r1 = data;
        r2 = x.load(relaxed);
    });
    thread.join();
    return outcome(r1, r2);
}
ALLOWED({1, 1});
FORBIDDEN({0, 1}, {1, 0}, data_race);
