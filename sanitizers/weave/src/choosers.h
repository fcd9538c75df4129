// The ways to choose: chance, priorities, starvation, bytes, a recorded schedule, and all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base.h"
#include "chooser.h"
#include "weave/weave.h"

namespace weave {

/// xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64.
class Random {
  public:
    explicit Random(uint64_t seed, uint64_t stream);
    uint64_t next();
    /// Uniform below `count` (Lemire, 2019), but for a bias of count / 2^32.
    unsigned below(unsigned count) { return static_cast<unsigned>(((next() >> 32) * count) >> 32); }

  private:
    uint64_t state_[4];
};

/// The chooser that the options ask for.
std::unique_ptr<Chooser> make_chooser(const Options& options);

/// Repeats recorded choices; beyond them, all is 0.
class ReplayChooser final : public Chooser {
  public:
    ReplayChooser(const uint8_t* choices, size_t count) : choices_(choices), count_(count) {}
    bool begin() override {
        next_ = 0;
        return true;
    }
    unsigned choose_thread(const Turn& turn) override { return take(turn.count()); }
    unsigned choose(Alternative, unsigned count) override { return take(count); }

  private:
    unsigned take(unsigned count) {
        const unsigned wanted = next_ < count_ ? choices_[next_++] : 0;
        return wanted < count ? wanted : 0;
    }

    const uint8_t* const choices_;
    const size_t count_;
    size_t next_ = 0;
};

}  // namespace weave
