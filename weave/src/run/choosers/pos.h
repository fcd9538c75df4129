// The chooser of Mode::pos: a random priority for each pending operation, and the one with the
// highest is next.
//
// Yuan, Yang, Gu: Partial Order Aware Concurrency Sampling, CAV 2018.
#pragma once

#include <cstdint>

#include "run/choosers/random.h"

namespace weave {

/// After an operation, priorities are drawn anew for its thread's next one and for those pending
/// that race with it: so the order of operations that do not race is not sampled again and again.
/// In seven of eight executions, from the second on, all operations on an object count as racing:
/// then a thread that has lost keeps losing for as long as no thread uses what it is about to use,
/// and several threads are held back at a time. That finds SafeStack's fault four times as often.
class PosChooser final : public RandomChooser {
  public:
    using RandomChooser::RandomChooser;

    bool begin() override;
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative, unsigned count) override { return mostly_first(count); }

  private:
    bool counts_reads_ = false;              ///< do two loads of an object count as racing?
    uint32_t priorities_[threads_max] = {};  ///< of each thread's next operation; 0: not drawn yet
};

}  // namespace weave
