// Three locks and three threads, each taking its own lock and then the next one: all three may
// wait.
#include "litmus.h"

#include <mutex>

LITMUS(mutex_circle_of_three) {
    std::mutex first;
    std::mutex second;
    std::mutex third;
    std::atomic<int> x = 0;
    concurrently(
        [&] {
            first.lock();
            second.lock();
            x.fetch_add(1, relaxed);
            second.unlock();
            first.unlock();
        },
        [&] {
            second.lock();
            third.lock();
            x.fetch_add(1, relaxed);
            third.unlock();
            second.unlock();
        },
        [&] {
            third.lock();
            first.lock();
            x.fetch_add(1, relaxed);
            first.unlock();
            third.unlock();
        });
    return outcome(x.load(relaxed));
}
ALLOWED({3}, deadlock);
FORBIDDEN();
