// A write of eight bytes and a read of one of them: they overlap, which is a race.
#include "litmus.h"

#include <cstring>
#include <memory>

LITMUS(data_race_overlapping) {
    const auto bytes = std::make_unique<unsigned char[]>(8);
    int r1 = 0;
    concurrently(
        [&] {
            const std::uint64_t all = 1;
            std::memcpy(bytes.get(), &all, sizeof all);
        },
        [&] { r1 = bytes[5]; });
    return outcome(r1);
}
ALLOWED(data_race);
FORBIDDEN({0});
