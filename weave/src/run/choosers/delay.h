// The chooser of Mode::delay: random, but the changes of one object wait until nothing else can
// run.
#pragma once

#include <cstdint>

#include "run/choosers/random.h"
#include "run/choosers/survey.h"

namespace weave {

/// Before each execution an object is drawn that several threads use, among those that were drawn
/// least often, and whether all threads are
/// held back at it or those of one role. A thread is held back before it changes the object, or
/// takes it as a lock and has been seen to change something while it held it. So all others see the
/// object as it was for as long as that is possible. It is what a negative reads-from constraint of
/// Wolff et al., Greybox Fuzzing for Concurrency Testing (ASPLOS 2024), asks for. The first
/// execution is a random one.
class DelayChooser : public RandomChooser {
  public:
    /// The survey has to outlive the chooser. This chooser begins its executions.
    DelayChooser(uint64_t seed, Survey& survey) : RandomChooser(seed), survey_(survey) {}

    bool begin() override;
    void created(unsigned parent, unsigned child) override { survey_.created(parent, child); }
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative, unsigned count) override { return mostly_first(count); }

  private:
    void draw_object();
    void draw_changes();
    bool is_change(unsigned thread, const Operation& operation) const;

    Survey& survey_;
    uint32_t times_[Survey::objects_max] = {};  ///< that each object was drawn
    uint32_t object_ = Survey::no_object;       ///< index in the survey
    uint32_t role_ = Survey::no_role;           ///< no_role: all
    uint32_t free_changes_ = 0;                 ///< the first ones that are not held back
};

}  // namespace weave
