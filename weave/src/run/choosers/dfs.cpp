// The path from the root of the tree of choices to the current execution. The next execution takes
// the next alternative of the deepest choice that has one left.
#include "run/choosers/dfs.h"

namespace weave {

bool DfsChooser::begin() {
    at_ = 0;
    preemptions_ = 0;
    if (!has_begun_ || is_repeated_) {
        has_begun_ = true;
        is_repeated_ = false;
        return true;
    }
    while (!path_.empty() && path_.back().chosen + 1 == path_.back().count) {
        path_.pop();
    }
    if (path_.empty()) {
        return false;
    }
    ++path_.back().chosen;
    return true;
}

unsigned DfsChooser::choose_thread(const Turn& turn) {
    const bool may_preempt =
        !turn.current_is_enabled() || preemptions_max_ < 0 || preemptions_ < preemptions_max_;
    is_cut_ |= !may_preempt;
    const unsigned chosen = take(may_preempt ? turn.count() : 1);
    preemptions_ += turn.current_is_enabled() && chosen != 0 ? 1 : 0;
    return chosen;
}

unsigned DfsChooser::choose(Alternative, unsigned count) { return take(count); }

unsigned DfsChooser::take(unsigned count) {
    if (at_ < path_.size() && path_[at_].count != count) {
        forget_rest();
    }
    if (at_ == path_.size()) {
        WEAVE_CHECK(1 <= count && count <= UINT8_MAX, count);
        path_.push({0, static_cast<uint8_t>(count)});
    }
    const Choice choice = path_[at_++];
    WEAVE_CHECK(choice.chosen < choice.count && choice.count == count, choice.chosen, choice.count,
                count);
    return choice.chosen;
}

/// The same choices have led to another place: something has outlived the execution before, such as
/// a static variable in the body of explore(). The rest of the path has no meaning any more.
void DfsChooser::forget_rest() {
    is_cut_ = has_diverged_ = true;
    path_.shrink(at_);
}

}  // namespace weave
