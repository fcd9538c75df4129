// How a record's bytes become counts, where more than one kind of schedule reads them alike.
#pragma once

#include <algorithm>
#include <cstdint>

namespace fuzz {

/// The lower half of the arguments are counts, up to 127 and up to twice the capacity and one; the
/// upper half counts from the capacity, 63 less to 64 more.
constexpr uint32_t decode_count(uint8_t argument, uint32_t capacity) {
    if (argument < 128) {
        return argument % (2 * capacity + 2);
    }
    return static_cast<uint32_t>(std::max<int64_t>(0, int64_t{capacity} + argument - 191));
}

/// Small bursts mostly; the top eight arguments of a byte are as much as the ring holds, or more.
constexpr uint32_t decode_burst(uint8_t argument, uint32_t capacity) {
    return argument < 248 ? argument % 20u : capacity + argument - 248u;
}

/// High nibble 0 to 11: once; then 2, 4, 8, 16 times.
constexpr uint8_t decode_repetitions(uint8_t opcode) {
    const unsigned nibble = opcode >> 4;
    return static_cast<uint8_t>(nibble < 12 ? 1 : 2u << (nibble - 12));
}

}  // namespace fuzz
