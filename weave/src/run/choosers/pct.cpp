// Priorities as in the PCT paper, and two additions: loops that poll give way, and half of the
// loads return the newest store.
#include "run/choosers/pct.h"

#include <algorithm>

namespace weave {

namespace {

// One in two choices between stores takes the newest without further chance: an execution in which
// every load is stale makes no progress.
constexpr unsigned newest_one_in = 2;

// A thread that runs this many turns in a row while others could run is polling.
constexpr uint32_t turns_in_a_row_max = 512;

}  // namespace

PctChooser::PctChooser(uint64_t seed, uint32_t depth)
    : RandomChooser(seed), changes_(std::min(depth, changes_max + 1) - (depth == 0 ? 0 : 1)) {}

bool PctChooser::begin() {
    RandomChooser::begin();
    std::fill(priorities_, priorities_ + 64 * thread_words, 0);
    lowest_ = first_low;
    for (uint32_t i = 0; i < changes_; ++i) {
        change_at_[i] = 1 + random().below(static_cast<unsigned>(steps_max_));
    }
    std::sort(change_at_, change_at_ + changes_);
    WEAVE_CHECK(changes_ == 0 || change_at_[0] != 0, changes_);
    passed_ = 0;
    turns_in_a_row_ = 0;
    return true;
}

unsigned PctChooser::choose_thread(const Turn& turn) {
    while (passed_ < changes_ && turn.step >= change_at_[passed_]) {
        ++passed_;
        priorities_[turn.current] = --lowest_;
    }
    if (turn.current_is_enabled() && gives_way(turn)) {
        priorities_[turn.current] = --lowest_;
    }
    unsigned best = turn.thread(0);
    for (unsigned i = 0; i < turn.count(); ++i) {
        const unsigned thread = turn.thread(i);
        if (priority(thread) > priority(best)) {
            best = thread;
        }
    }
    WEAVE_CHECK(turn.enabled.contains(best), best);
    return turn.index_of(best);
}

unsigned PctChooser::choose(Alternative kind, unsigned count) {
    return random().below(newest_one_in) == 0 ? 0 : RandomChooser::choose(kind, count);
}

void PctChooser::end(uint64_t steps) {
    steps_max_ = std::max(steps_max_, std::min<uint64_t>(steps, 1u << 30));
}

/// True at a yield, and after turns_in_a_row_max turns of one thread.
bool PctChooser::gives_way(const Turn& turn) {
    turns_in_a_row_ = turn.current == last_ ? turns_in_a_row_ + 1 : 1;
    last_ = turn.current;
    if (turns_in_a_row_ == turns_in_a_row_max) {
        turns_in_a_row_ = 0;
        return true;
    }
    return turn.pending[turn.current].kind == OperationKind::yield;
}

uint32_t PctChooser::priority(unsigned thread) {
    uint32_t& priority = priorities_[thread];
    if (priority == 0) {
        priority = first_low + 1 + random().below(1u << 30);
    }
    WEAVE_CHECK(priority != 0, thread);
    return priority;
}

}  // namespace weave
