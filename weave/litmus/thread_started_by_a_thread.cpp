// A thread that starts a thread: happens before is transitive, down to the inner one and back.
#include "litmus.h"

LITMUS(thread_started_by_a_thread) {
    int data = 1;
    int r1 = 0;
    std::thread outer([&] {
        data = 2;
        std::thread inner([&] {
            r1 = data;
            data = 3;
        });
        inner.join();
    });
    outer.join();
    return outcome(r1, data);
}
ALLOWED({2, 3});
FORBIDDEN({1, 3}, {2, 2}, data_race);
