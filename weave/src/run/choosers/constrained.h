// The chooser that makes executions obey ordering facts: it holds an operation back until what has
// to come before it has happened, and gives a load the store that it has to read. Everything else
// another chooser decides.
#pragma once

#include <span>
#include <vector>

#include "run/chooser.h"
#include "run/ordering.h"
#include "run/sight.h"

namespace weave {

/// A fact that can no longer be obeyed is given up: whether an execution has obeyed all facts its
/// History says. A load without a number reads the store of its fact if `inner` chooses 0 of 2 and
/// `forces_any`; otherwise such facts are left to chance.
class ConstrainedChooser final : public Chooser {
  public:
    ConstrainedChooser(Chooser& inner, Sight& sight, std::span<const Fact> facts, bool forces_any);

    bool begin() override;
    void repeat() override { inner_.repeat(); }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative kind, unsigned count) override;
    void end(uint64_t steps) override { inner_.end(steps); }
    bool is_complete() const override { return inner_.is_complete(); }

  private:
    struct Rule {
        Fact fact;
        uint32_t first_count;   ///< operations so far that `first` counts
        uint32_t second_count;  ///< the same of `second`
    };

    void look();
    bool is_held_back(unsigned thread);
    static bool is_next(const Rule& rule, unsigned thread, const Operation& pending);

    Chooser& inner_;
    Sight& sight_;
    const bool forces_any_;
    size_t seen_ = 0;  ///< events that the counts include
    std::vector<Rule> rules_;
};

}  // namespace weave
