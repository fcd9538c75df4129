// The pause that a thread makes before a call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fuzz {

enum class Pause : uint8_t { none, yield, short_spin, long_spin };

/// The beginning of a line that describes the call.
constexpr const char* describe(Pause pause) {
    constexpr std::array<const char*, 4> pauses = {"", "yield, ", "pause briefly, ", "pause, "};
    return pauses[static_cast<size_t>(pause)];
}

}  // namespace fuzz
