// A plain byte next to an atomic one: using them at the same time is not a race.
#include "litmus.h"

LITMUS(neighbouring_plain_and_atomic) {
    struct Bytes {
        std::atomic<std::uint8_t> shared = 0;
        std::uint8_t left = 0;
        std::uint8_t right = 0;
    };
    Bytes bytes;
    concurrently(
        [&] {
            bytes.left = 1;
            bytes.shared.fetch_add(1, relaxed);
        },
        [&] {
            bytes.right = 2;
            bytes.shared.fetch_add(1, relaxed);
        });
    return outcome(bytes.left, bytes.right, bytes.shared.load(relaxed));
}
ALLOWED({1, 2, 2});
FORBIDDEN({1, 2, 1}, {0, 2, 2}, {1, 0, 2}, data_race);
