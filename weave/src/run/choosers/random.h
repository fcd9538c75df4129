// The chooser of Mode::random: every alternative is equally likely.
#pragma once

#include <cstdint>

#include "run/chooser.h"
#include "run/random.h"

namespace weave {

class RandomChooser : public Chooser {
  public:
    explicit RandomChooser(uint64_t seed) : seed_(seed) {}

    bool begin() override;
    void repeat() override { --execution_; }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  protected:
    Random& random() { return random_; }

  private:
    const uint64_t seed_;
    uint64_t execution_ = 0;
    Random random_{0, 0};
};

}  // namespace weave
