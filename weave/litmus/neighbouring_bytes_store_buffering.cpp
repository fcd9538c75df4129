// Store buffering with two atomic bytes in the same word: they are different variables, so both
// loads may miss.
#include "litmus.h"

LITMUS(neighbouring_bytes_store_buffering) {
    struct Bytes {
        std::atomic<std::uint8_t> x = 0;
        std::atomic<std::uint8_t> y = 0;
    };
    Bytes bytes;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            bytes.x.store(1, relaxed);
            r1 = bytes.y.load(relaxed);
        },
        [&] {
            bytes.y.store(1, relaxed);
            r2 = bytes.x.load(relaxed);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 0}, {0, 1}, {1, 0}, {1, 1});
FORBIDDEN();
