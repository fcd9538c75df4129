// The chooser of Mode::starve: random, but one thread does not run for a while if any other can.
#pragma once

#include <cstdint>

#include "run/choosers/random.h"

namespace weave {

/// The starved thread and the steps from which and up to which it starves are random; the second
/// may lie after the end of the execution.
class StarveChooser final : public RandomChooser {
  public:
    using RandomChooser::RandomChooser;

    bool begin() override;
    unsigned choose_thread(const Turn& turn) override;
    void end(uint64_t steps) override;

  private:
    unsigned threads_seen_ = 2;
    unsigned victim_ = 0;
    uint64_t from_ = 0;  ///< the first step at which it starves
    uint64_t to_ = 0;    ///< the first one at which it does so no more
    uint64_t steps_max_ = 32;
};

}  // namespace weave
