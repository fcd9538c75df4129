// Two threads that wait for each other's turn by one condition variable: each turn comes.
#include "litmus.h"

#include <condition_variable>
#include <mutex>

LITMUS(condition_variable_there_and_back) {
    std::mutex mutex;
    std::condition_variable condition;
    int turn = 0;
    int data = 0;
    int r1 = 0;
    concurrently(
        [&] {
            std::unique_lock guard(mutex);
            data = 1;
            turn = 1;
            condition.notify_all();
            condition.wait(guard, [&] { return turn == 2; });
            r1 = data;
        },
        [&] {
            std::unique_lock guard(mutex);
            condition.wait(guard, [&] { return turn == 1; });
            data += 1;
            turn = 2;
            condition.notify_all();
        });
    return outcome(r1);
}
ALLOWED({2});
FORBIDDEN({1}, deadlock, data_race);
