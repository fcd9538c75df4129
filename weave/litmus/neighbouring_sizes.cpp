// Atomic variables of one, two and four bytes in the same eight: storing to one does not touch the
// others.
#include "litmus.h"

LITMUS(neighbouring_sizes) {
    struct Sizes {
        std::atomic<std::uint8_t> first = 0;
        std::atomic<std::uint8_t> second = 0;
        std::atomic<std::uint16_t> third = 0;
        std::atomic<std::uint32_t> fourth = 0;
    };
    Sizes sizes;
    concurrently(
        [&] {
            sizes.first.store(1, relaxed);
            sizes.third.store(3, relaxed);
        },
        [&] {
            sizes.second.store(2, relaxed);
            sizes.fourth.store(4, relaxed);
        });
    return outcome(sizes.first.load(relaxed), sizes.second.load(relaxed), sizes.third.load(relaxed),
                   sizes.fourth.load(relaxed));
}
ALLOWED({1, 2, 3, 4});
FORBIDDEN({0, 2, 3, 4}, {1, 0, 3, 4}, {1, 2, 0, 4}, {1, 2, 3, 0});
