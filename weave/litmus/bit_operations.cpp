// Setting, clearing and flipping different bits: none of the three operations is lost.
#include "litmus.h"

LITMUS(bit_operations) {
    std::atomic<int> bits = 1;
    concurrently([&] { bits.fetch_or(4, relaxed); }, [&] { bits.fetch_and(6, relaxed); },
                 [&] { bits.fetch_xor(2, relaxed); });
    return outcome(bits.load(relaxed));
}
ALLOWED({6});
FORBIDDEN({0}, {2}, {4}, {1}, {3}, {5}, {7});
