// The chooser that repeats recorded choices: those of a schedule, or of an execution with a
// finding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/chooser.h"

namespace weave {

/// Repeats the choices in every execution. After the last one, and where a choice is not below the
/// number of alternatives, the answer is 0: a schedule of another build may ask for what is not
/// there.
class ReplayChooser final : public Chooser {
  public:
    /// The choices have to outlive the chooser.
    ReplayChooser(const uint8_t* choices, size_t count) : choices_(choices), count_(count) {}

    bool begin() override;
    void repeat() override {}
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  private:
    unsigned take(unsigned count);

    const uint8_t* const choices_;
    const size_t count_;
    size_t next_ = 0;
};

}  // namespace weave
