// Random numbers that are the same on every platform and with every compiler, which the
// distributions of the standard library are not.
#pragma once

#include <cstdint>

#include "src/runtime/pto_assert.h"

namespace pto::sim {

/// The SplitMix64 generator.
class Random {
  public:
    explicit Random(uint64_t seed) noexcept : state_(seed) {}

    uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15u;
        uint64_t x = state_;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
        x = (x ^ x >> 27) * 0x94D049BB133111EBu;
        return x ^ x >> 31;
    }

    /// A number below `bound`, which is not 0. The bias is at most bound / 2^64.
    uint64_t below(uint64_t bound) noexcept {
        PTO_ASSERT(bound != 0);
        return next() % bound;
    }

    /// A number from `min` to `max`.
    uint32_t between(uint32_t min, uint32_t max) noexcept {
        PTO_ASSERT(min <= max, min, max);
        return min + static_cast<uint32_t>(below(uint64_t{max} - min + 1));
    }

    /// True in `percentage` of a hundred cases.
    bool percent(uint32_t percentage) noexcept { return below(100) < percentage; }

  private:
    uint64_t state_;
};

}  // namespace pto::sim
