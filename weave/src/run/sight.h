// What choosers that follow an execution see of it.
#pragma once

#include <optional>
#include <span>

#include "run/chooser.h"
#include "run/ordering.h"

namespace weave {

class Execution;

/// An execution that is being chosen.
class Sight {
  public:
    virtual ~Sight() = default;

    /// The thread that runs.
    virtual unsigned current() = 0;
    /// The operation that a thread is about to make, or makes now.
    virtual Operation pending(unsigned thread) = 0;
    /// The events of the execution so far.
    virtual std::span<const Event> events() = 0;
    /// The alternative with which the current thread reads this store; none if it cannot. With the
    /// number 0: the initial value.
    virtual std::optional<unsigned> alternative_of(const Point& store) = 0;
    /// Is this turn one that only Settings::all_turns gives? To be asked once in each turn.
    virtual bool take_extra_turn() { return false; }
};

/// A traced execution.
class ExecutionSight final : public Sight {
  public:
    explicit ExecutionSight(Execution& execution) : execution_(execution) {}

    unsigned current() override;
    Operation pending(unsigned thread) override;
    std::span<const Event> events() override;
    std::optional<unsigned> alternative_of(const Point& wanted) override;
    bool take_extra_turn() override;

  private:
    Execution& execution_;
};

}  // namespace weave
