// Dropping the future of an asynchronous function waits for its end, so what it did is seen after.
#include "litmus.h"

#include <future>

LITMUS(async_dropped) {
    int data = 0;
    {
        const std::future<void> result = std::async(std::launch::async, [&] { data = 1; });
    }
    return outcome(data);
}
ALLOWED({1});
FORBIDDEN({0}, deadlock, data_race);
