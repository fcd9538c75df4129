// A task run by one thread whose result is waited for by another: it gets the result and sees what
// the task did.
#include "litmus.h"

#include <future>

LITMUS(packaged_task_hand_over) {
    int data = 0;
    std::packaged_task<int()> task([&] {
        data = 1;
        return 2;
    });
    std::future<int> future = task.get_future();
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { task(); },
                 [&] {
                     r1 = future.get();
                     r2 = data;
                 });
    return outcome(r1, r2);
}
ALLOWED({2, 1});
FORBIDDEN({2, 0}, deadlock, data_race);
