// The scenario that weave and Relacy both run: two producers push three messages each, one by one,
// and a consumer pops six, in a ring of 4 slots. A thread that finds it full or empty yields.
#pragma once

#include <cstdint>

namespace bench::interleavings {

inline constexpr uint32_t capacity = 4;
inline constexpr uint32_t producers = 2;
inline constexpr uint32_t messages_each = 3;
inline constexpr uint32_t messages = producers * messages_each;

/// Every field of a message identifies it.
constexpr uint64_t address_of(uint32_t producer, uint32_t number) {
    return 1000 * producer + number;
}

constexpr int32_t type_of(uint32_t number) { return static_cast<int32_t>(number + 1); }

}  // namespace bench::interleavings
