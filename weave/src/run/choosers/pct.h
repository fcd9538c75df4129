// The chooser of Mode::pct: the thread with the highest priority runs, and priorities change at a
// few random steps.
//
// Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic
// Guarantees of Finding Bugs, ASPLOS 2010.
#pragma once

#include <cstdint>

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
    static constexpr uint32_t first_low = 1u << 20;  // below it: priorities after a change

    bool gives_way(const Turn& turn);
    uint32_t priority(unsigned thread);

    const uint32_t changes_;
    uint32_t priorities_[threads_max] = {};  ///< 0: not drawn yet
    uint32_t lowest_ = first_low;
    uint64_t change_at_[changes_max] = {};  ///< steps, ascending
    uint32_t passed_ = 0;                   ///< changes that are done
    uint32_t turns_in_a_row_ = 0;
    unsigned last_ = 0;
    uint64_t steps_max_ = 64;  ///< of the executions so far
};

}  // namespace weave
