// The chooser of Mode::pct: the thread with the highest priority runs, and priorities change at a
// few random steps.
//
// Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic
// Guarantees of Finding Bugs, ASPLOS 2010.
#pragma once

#include <cstdint>

#include "run/choosers/priorities.h"
#include "run/choosers/random.h"

namespace weave {

class PctChooser final : public RandomChooser {
  public:
    /// `depth` is the paper's d: at d - 1 steps the thread that runs gets the lowest priority.
    /// Larger ones than 33 count as 33; 0 counts as 1.
    PctChooser(uint64_t seed, uint32_t depth);

    bool begin() override;
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;
    void end(uint64_t steps) override;

  private:
    static constexpr uint32_t changes_max = 32;

    const uint32_t changes_;
    Priorities priorities_;
    uint64_t change_at_[changes_max] = {};  ///< steps, ascending
    uint32_t passed_ = 0;                   ///< changes that are done
    uint64_t steps_max_ = 64;               ///< of the executions so far
};

}  // namespace weave
