// Recorded choices, one after another.
#include "run/choosers/replay.h"

namespace weave {

bool ReplayChooser::begin() {
    next_ = 0;
    return true;
}

unsigned ReplayChooser::choose_thread(const Turn& turn) { return take(turn.count()); }

unsigned ReplayChooser::choose(Alternative, unsigned count) { return take(count); }

unsigned ReplayChooser::take(unsigned count) {
    const unsigned wanted = next_ < count_ ? choices_[next_++] : 0;
    WEAVE_CHECK(count != 0);
    return wanted < count ? wanted : 0;
}

}  // namespace weave
