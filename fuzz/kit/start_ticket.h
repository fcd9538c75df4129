// Starting tickets worth testing, as a schedule names them: one byte for the neighbourhood, one for
// the distance from it.
#pragma once

#include <cstdint>

namespace fuzz {

/// The ticket that a ring of `capacity` slots starts at. Most selectors start at 0; the others just
/// below a wrap of the cursor as 64-, 63-, 32- or 31-bit number, `distance` tickets before it.
constexpr uint64_t start_ticket(uint8_t selector, uint8_t distance, uint32_t capacity) {
    switch (selector % 8) {
        case 1:
            return uint64_t{0} - distance;
        case 2:
            return uint64_t{0} - capacity + (distance % 4) - 2;
        case 3:
            return (uint64_t{1} << 63) - distance;
        case 4:
            return (uint64_t{1} << 32) - distance;
        case 5:
            return (uint64_t{1} << 31) - distance;
        default:
            return 0;
    }
}

}  // namespace fuzz
