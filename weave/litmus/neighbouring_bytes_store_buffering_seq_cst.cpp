// Store buffering with two atomic bytes in the same word, sequentially consistent: the single order
// covers them like any others.
#include "litmus.h"

LITMUS(neighbouring_bytes_store_buffering_seq_cst) {
    struct Bytes {
        std::atomic<std::uint8_t> x = 0;
        std::atomic<std::uint8_t> y = 0;
    };
    Bytes bytes;
    int r1 = 0;
    int r2 = 0;
    concurrently(
        [&] {
            bytes.x.store(1, seq_cst);
            r1 = bytes.y.load(seq_cst);
        },
        [&] {
            bytes.y.store(1, seq_cst);
            r2 = bytes.x.load(seq_cst);
        });
    return outcome(r1, r2);
}
ALLOWED({0, 1}, {1, 0}, {1, 1});
FORBIDDEN({0, 0});
