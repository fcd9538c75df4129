// The chooser of Mode::pctwm: random priorities, and loads that return what their thread knows
// already, except for a few.
//
// Gao, Chakraborty, Ozkan: Probabilistic Concurrency Testing for Weak Memory Programs, ASPLOS 2023.
#pragma once

#include <cstdint>

#include "run/choosers/priorities.h"
#include "run/choosers/random.h"

namespace weave {

/// Draws some of the operations that can learn from another thread (loads, RMWs, locks and waits)
/// before each execution. The thread of such a one waits until all others have run as far as
/// they can, and then reads one of the newest stores, but not the oldest that it may. All other
/// loads return the oldest store that they may, and RMWs read the newest.
class PctwmChooser final : public RandomChooser {
  public:
    /// Up to `depth` operations are drawn: the paper's d. Larger ones than 32 count as 32, and 0 as
    /// 1.
    PctwmChooser(uint64_t seed, uint32_t depth);

    bool begin() override;
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;
    void end(uint64_t steps) override;

  private:
    static constexpr uint32_t drawn_max = 32;

    bool is_next_drawn();
    unsigned choose_store(unsigned count);

    const uint32_t depth_;
    Priorities priorities_;
    uint32_t drawn_[drawn_max] = {};  ///< numbers of operations, ascending
    uint32_t drawn_count_ = 0;
    uint32_t passed_ = 0;                        ///< drawn ones that have come
    uint32_t operations_ = 0;                    ///< so far
    uint32_t operations_max_ = 4;                ///< of the executions so far
    uint32_t loads_ = 0;                         ///< that had more than one store to return
    ThreadSet counted_;                          ///< whose pending operation has its number
    ThreadSet external_;                         ///< whose pending operation is a drawn one
    OperationKind kind_ = OperationKind::start;  ///< of the operation that runs now
    bool is_counted_ = false;                    ///< has that one its number?
    bool is_external_ = false;                   ///< is it a drawn one?
};

}  // namespace weave
