// A callback for a request to stop: the request comes too late for it, or one of the two threads
// runs it once, and taking it back waits for that.
#include "litmus.h"

#include <stop_token>

LITMUS(stop_callback_once) {
    std::stop_source source;
    int count = 0;
    int r1 = 0;
    concurrently([&] { source.request_stop(); },
                 [&] {
                     {
                         const std::stop_callback callback(source.get_token(), [&] { ++count; });
                     }
                     r1 = count;
                 });
    return outcome(r1, count);
}
ALLOWED({0, 0}, {1, 1});
FORBIDDEN({0, 1}, {2, 2}, deadlock, data_race);
