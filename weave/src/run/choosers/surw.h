// The chooser of Mode::surw: the interleavings of the operations that matter are equally likely.
//
// Zhao, Wolff, Mathur, Roychoudhury: Selectively Uniform Concurrency Testing, ASPLOS 2025.
#pragma once

#include <cstdint>

#include "run/choosers/priorities.h"
#include "run/choosers/random.h"
#include "run/choosers/survey.h"

namespace weave {

/// Draws the objects of an execution. The next operation on them is that of the *intended* thread,
/// which is drawn with the number of such operations that each thread has left. All others run by
/// random priorities. The numbers are those of earlier executions, so the first one is random.
class SurwChooser : public RandomChooser {
  public:
    /// The survey has to outlive the chooser. This chooser begins its executions.
    SurwChooser(uint64_t seed, Survey& survey) : RandomChooser(seed), survey_(survey) {}

    bool begin() override;
    void created(unsigned parent, unsigned child) override;
    unsigned choose_thread(const Turn& turn) override;
    unsigned choose(Alternative, unsigned count) override { return mostly_first(count); }

  private:
    void draw_objects();
    void count_operations();
    bool is_of_interest(const Operation& operation) const;
    void draw_intended(const Turn& turn);

    Survey& survey_;
    Priorities priorities_;
    bool is_interesting_[Survey::objects_max] = {};  ///< by the object's index in the survey
    /// Operations of the thread of a role, and of those that it creates.
    uint32_t left_of_role_[Survey::roles_max] = {};
    uint32_t left_[threads_max] = {};  ///< the same, of each thread that exists
    unsigned intended_ = threads_max;  ///< threads_max: not drawn
};

}  // namespace weave
