// Counts from the bytes of a record, as more than one kind of schedule reads them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "src/runtime/aicore_completion_mailbox_types.h"

namespace fuzz {

/// A count. Arguments below 128 are counts themselves, modulo twice the capacity plus two; the
/// others stand for the capacity less 63 to the capacity plus 64.
constexpr uint32_t decode_count(uint8_t argument, uint32_t capacity) {
    if (argument < 128) {
        return argument % (2 * capacity + 2);
    }
    return static_cast<uint32_t>(std::max<int64_t>(0, int64_t{capacity} + argument - 191));
}

/// A count, mostly below 20; the eight largest arguments stand for the capacity to 7 more.
constexpr uint32_t decode_burst(uint8_t argument, uint32_t capacity) {
    return argument < 248 ? argument % 20u : capacity + argument - 248u;
}

/// The conditions of a registration, 1 to 64. Arguments below 128 stand for at most twice the
/// capacity, which takes one slot more than the ring has.
constexpr uint32_t decode_conditions(uint8_t argument, uint32_t capacity) {
    const uint32_t most = pto::MAX_COMPLETIONS_PER_TASK;
    return 1 + argument % (argument < 128 ? std::min(most, 2 * capacity) : most);
}

/// Repetitions from the high nibble: 0 to 11 once, then 2, 4, 8 and 16 times.
constexpr uint8_t decode_repetitions(uint8_t opcode) {
    const unsigned nibble = opcode >> 4;
    return static_cast<uint8_t>(nibble < 12 ? 1 : 2u << (nibble - 12));
}

}  // namespace fuzz
