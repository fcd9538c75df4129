// A joining thread is asked to stop when its object ends: it sees that, and ends.
#include "litmus.h"

#include <stop_token>

LITMUS(jthread_stop) {
    int data = 0;
    {
        const std::jthread thread([&](const std::stop_token& token) {
            while (!token.stop_requested()) {
            }
            data = 1;
        });
    }
    return outcome(data);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, livelock, data_race);
