// A replay up to a step, and then all threads but one.
#include "run/choosers/hold_back.h"

#include <algorithm>

namespace weave {

bool HoldBackChooser::begin() { return replay_.begin(); }

unsigned HoldBackChooser::choose_thread(const Turn& turn) {
    is_holding_ |= turn.step > step_;
    if (!is_holding_) {
        return replay_.choose_thread(turn);
    }
    WEAVE_CHECK(thread_ < threads_max, thread_);
    Turn others = turn;
    others.enabled.remove(thread_);
    if (others.enabled.is_empty()) {
        return 0;
    }
    return turn.index_of(others.thread(
        is_drawn_ ? random_.below(std::min(others.count(), Turn::alternatives_max - 1)) : 0));
}

unsigned HoldBackChooser::choose(Alternative kind, unsigned count) {
    if (!is_holding_) {
        return replay_.choose(kind, count);
    }
    return is_drawn_ ? random_.below(count) : 0;
}

}  // namespace weave
