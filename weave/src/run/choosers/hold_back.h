// The chooser that looks for a use after free: it repeats an execution whose access races with a
// free, and then keeps the thread of that access from running until no other thread can.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/choosers/replay.h"
#include "run/random.h"

namespace weave {

/// Repeats recorded choices up to `step`; after it `thread` runs only when no other thread can. See
/// Settings::held_step. Attempt 0 then always takes the first alternative, the others draw them.
class HoldBackChooser final : public Chooser {
  public:
    /// The choices have to outlive the chooser.
    HoldBackChooser(const uint8_t* choices, size_t count, uint64_t step, unsigned thread,
                    uint64_t attempt)
        : replay_(choices, count),
          step_(step),
          thread_(thread),
          is_drawn_(attempt != 0),
          random_(0, attempt) {}

    bool begin() override;
    void repeat() override { replay_.repeat(); }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;

  private:
    ReplayChooser replay_;
    const uint64_t step_;
    const unsigned thread_;
    const bool is_drawn_;
    Random random_;
    bool is_holding_ = false;
};

}  // namespace weave
