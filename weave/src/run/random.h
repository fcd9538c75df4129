// The pseudo-random numbers of choosers, and of what the program under test takes for chance.
#pragma once

#include <bit>
#include <cstdint>

namespace weave {

/// xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018).
/// Equal seeds and streams give equal numbers. Not for use by several threads of the system.
class Random {
  public:
    /// SplitMix64 fills the state from both numbers.
    Random(uint64_t seed, uint64_t stream);

    /// The number is made in advance: a choice does not wait for it.
    uint64_t next() {
        const uint64_t result = next_;
        next_ = std::rotl(state_[1] * 5, 7) * 9;
        const uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// A number below `count`, uniform except for a bias of at most count / 2^32 (Lemire, "Fast
    /// Random Integer Generation in an Interval", 2019). `count` is at least 1.
    unsigned below(unsigned count) { return static_cast<unsigned>(((next() >> 32) * count) >> 32); }

  private:
    uint64_t state_[4];
    uint64_t next_ = 0;
};

}  // namespace weave
