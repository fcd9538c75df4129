// Message passing with a flag of one byte and data of two, four and eight: the size of the
// variables does not matter for what is ordered.
#include "litmus.h"

LITMUS(mp_sizes_release_acquire) {
    std::atomic<std::uint8_t> flag = 0;
    std::atomic<std::uint16_t> small = 0;
    std::atomic<std::uint32_t> middle = 0;
    std::atomic<std::uint64_t> large = 0;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            small.store(1, relaxed);
            middle.store(2, relaxed);
            large.store(std::uint64_t{4} << 32, relaxed);
            flag.store(1, release);
        },
        [&] {
            r1 = flag.load(acquire);
            if (r1 == 1) {
                r2 = static_cast<int>(small.load(relaxed) + middle.load(relaxed) +
                                      (large.load(relaxed) >> 32));
            }
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {1, 7});
FORBIDDEN({1, 0}, {1, 1}, {1, 3}, {1, 5}, {1, 6});
