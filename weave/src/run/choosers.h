// The ways to choose: chance, priorities, starvation, bytes, a recorded schedule, and all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <weave/weave.h>
#include "run/base.h"
#include "run/chooser.h"

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

/// Repeats recorded choices up to a step, and from there on lets one thread run only when no other
/// can; see Settings::held_step.
class HoldBackChooser final : public Chooser {
  public:
    HoldBackChooser(const uint8_t* choices, size_t count, uint64_t step, unsigned thread)
        : replay_(choices, count), step_(step), thread_(thread) {}
    bool begin() override { return replay_.begin(); }
    unsigned choose_thread(const Turn& turn) override {
        is_holding_ |= turn.step > step_;
        if (!is_holding_) {
            return replay_.choose_thread(turn);
        }
        Turn others = turn;
        others.enabled &= ~(uint64_t{1} << thread_);
        return others.enabled == 0 ? 0 : turn.index_of(others.thread(0));
    }
    unsigned choose(Alternative kind, unsigned count) override {
        return is_holding_ ? 0 : replay_.choose(kind, count);
    }

  private:
    ReplayChooser replay_;
    const uint64_t step_;
    const unsigned thread_;
    bool is_holding_ = false;
};

}  // namespace weave
