// The single total order S of sequentially consistent operations (C++20 [atomics.order] p4), which
// here is the order of their execution.
#pragma once

#include <cstdint>

#include "model/clock.h"

namespace weave {

class ScOrder {
  public:
    void begin_execution() {
        positions_ = 0;
        had_fence_ = false;
        fences_.reset();
    }

    /// The place of one more operation in S, from 1.
    uint32_t next_position() { return ++positions_; }

    /// An SC fence: `clock`, of its thread, learns the coherence that earlier SC fences knew, and
    /// they are extended by its own.
    void pass_fence(Clock& clock) {
        had_fence_ = true;
        clock.pass_fence(fences_, next_position());
    }
    /// What all SC fences so far have known; null before the first one.
    const Clock* fences() const { return had_fence_ ? &fences_ : nullptr; }

  private:
    uint32_t positions_ = 0;
    bool had_fence_ = false;
    Clock fences_;
};

}  // namespace weave
