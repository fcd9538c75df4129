// Message passing with relaxed read-modify-writes of the flag: they are atomic, but they do not
// synchronise.
#include "litmus.h"

LITMUS(mp_read_modify_write_relaxed) {
    std::atomic<int> data = 0;
    std::atomic<int> flag = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            data.store(1, relaxed);
            flag.fetch_add(1, relaxed);
        },
        [&] {
            r1 = flag.fetch_add(2, relaxed);
            r2 = data.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
