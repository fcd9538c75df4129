// Two stores of eight bytes: a load sees one of them, or neither, and never half of each.
#include "litmus.h"

LITMUS(eight_bytes_do_not_tear) {
    std::atomic<std::uint64_t> x = 0;
    std::uint64_t seen = 0;
    concurrently([&] { x.store(0x0000'0001'0000'0001, relaxed); },
                 [&] { x.store(0x0000'0002'0000'0002, relaxed); }, [&] { seen = x.load(relaxed); });
    return outcome(static_cast<int>(seen >> 32), static_cast<int>(seen & 0xffff'ffff));
}
ALLOWED({0, 0}, {1, 1}, {2, 2});
FORBIDDEN({0, 1}, {1, 0}, {1, 2}, {2, 1}, {0, 2}, {2, 0});
