// A byte at its largest value that two threads increment: it wraps around, and leaves its neighbour
// alone.
#include "litmus.h"

LITMUS(byte_wraps_around) {
    struct Bytes {
        std::atomic<std::uint8_t> counter = 255;
        std::atomic<std::uint8_t> neighbour = 7;
    };
    Bytes bytes;
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = bytes.counter.fetch_add(1, relaxed); },
                 [&] { r2 = bytes.counter.fetch_add(1, relaxed); });
    return outcome(r1, r2, bytes.counter.load(relaxed), bytes.neighbour.load(relaxed));
}
ALLOWED({255, 0, 1, 7}, {0, 255, 1, 7});
FORBIDDEN({255, 256, 1, 8}, {255, 0, 1, 8}, {255, 255, 0, 7});
