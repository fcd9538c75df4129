// The chooser of Mode::random: every alternative is equally likely.
#pragma once

#include <cstdint>

#include "run/chooser.h"
#include "run/random.h"

namespace weave {

/// Also the base of the other choosers that draw.
class RandomChooser : public Chooser {
  public:
    explicit RandomChooser(uint64_t seed) : seed_(seed) {}

    bool begin() override;
    void repeat() override { --execution_; }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  protected:
    Random& random() { return random_; }
    /// The number of the execution, from 1.
    uint64_t execution() const { return execution_; }
    /// 0, which is the newest store or what is usual, in half of the cases without further chance:
    /// an execution in which every load is stale makes no progress.
    unsigned mostly_first(unsigned count) {
        return random_.below(2) == 0 ? 0 : random_.below(count);
    }

  private:
    const uint64_t seed_;
    uint64_t execution_ = 0;
    Random random_{0, 0};
};

}  // namespace weave
