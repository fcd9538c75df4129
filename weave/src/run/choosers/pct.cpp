// Priorities as in the PCT paper, and two additions: loops that poll give way, and half of the
// loads return the newest store.
#include "run/choosers/pct.h"

#include <algorithm>

namespace weave {

PctChooser::PctChooser(uint64_t seed, uint32_t depth)
    : RandomChooser(seed), changes_(std::min(depth, changes_max + 1) - (depth == 0 ? 0 : 1)) {}

bool PctChooser::begin() {
    RandomChooser::begin();
    priorities_.begin_execution();
    for (uint32_t i = 0; i < changes_; ++i) {
        change_at_[i] = 1 + random().below(static_cast<unsigned>(steps_max_));
    }
    std::sort(change_at_, change_at_ + changes_);
    WEAVE_CHECK(changes_ == 0 || change_at_[0] != 0, changes_);
    passed_ = 0;
    return true;
}

unsigned PctChooser::choose_thread(const Turn& turn) {
    while (passed_ < changes_ && turn.step >= change_at_[passed_]) {
        ++passed_;
        priorities_.put_last(turn.current);
    }
    priorities_.let_pollers_give_way(turn);
    return turn.index_of(priorities_.highest(turn, random()));
}

unsigned PctChooser::choose(Alternative, unsigned count) { return mostly_first(count); }

void PctChooser::end(uint64_t steps) {
    steps_max_ = std::max(steps_max_, std::min<uint64_t>(steps, 1u << 30));
}

}  // namespace weave
