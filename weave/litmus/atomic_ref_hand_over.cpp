// Message passing by references to plain objects on the heap that are used atomically: they release
// and acquire as atomic objects do.
#include "litmus.h"

#include <memory>

LITMUS(atomic_ref_hand_over) {
    const auto flag = std::make_unique<int>(0);
    const auto data = std::make_unique<int>(0);
    int r1 = -1;
    concurrently(
        [&] {
            *data = 1;
            std::atomic_ref(*flag).store(1, release);
        },
        [&] {
            if (std::atomic_ref(*flag).load(acquire) == 1) {
                r1 = *data;
            }
        });
    return outcome(r1);
}
ALLOWED({-1}, {1});
FORBIDDEN({0}, data_race);
