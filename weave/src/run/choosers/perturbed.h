// The chooser for executions around a known one: it repeats recorded choices, and draws some of
// them anew.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/choosers/replay.h"
#include "run/random.h"

namespace weave {

/// In each execution a choice is drawn anew with the same probability: 1 in every fourth execution,
/// and in the others from 1/2 down to 1/64. Half of the loads that are drawn return the newest
/// store.
class PerturbedChooser final : public Chooser {
  public:
    /// The choices have to outlive the chooser.
    PerturbedChooser(const uint8_t* choices, size_t count, uint64_t seed)
        : replay_(choices, count), seed_(seed), random_(seed, 0) {}

    bool begin() override;
    void repeat() override { --execution_; }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  private:
    bool is_drawn() { return random_.below(drawn_one_in_) == 0; }

    ReplayChooser replay_;
    const uint64_t seed_;
    uint64_t execution_ = 0;
    unsigned drawn_one_in_ = 1;
    Random random_;
};

}  // namespace weave
