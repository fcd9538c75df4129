// The thread to starve and its steps are drawn before each execution, from what earlier ones were
// like.
#include "run/choosers/starve.h"

#include <algorithm>

namespace weave {

namespace {

// Threads that poll while the victim does not run make executions longer. The lengths learned from
// these must not make later executions longer still.
constexpr uint64_t steps_learned_max = 2'000;

}  // namespace

bool StarveChooser::begin() {
    RandomChooser::begin();
    victim_ = random().below(threads_seen_);
    from_ = random().below(static_cast<unsigned>(steps_max_));
    to_ = from_ + 1 + random().below(static_cast<unsigned>(2 * steps_max_));
    WEAVE_CHECK(victim_ < threads_max && from_ < to_, victim_, from_, to_);
    return true;
}

unsigned StarveChooser::choose_thread(const Turn& turn) {
    threads_seen_ = std::max(threads_seen_, turn.enabled.bound());
    Turn others = turn;
    others.enabled.remove(victim_);
    if (turn.step < from_ || turn.step >= to_ || others.enabled.is_empty()) {
        return RandomChooser::choose_thread(turn);
    }
    return turn.index_of(
        others.thread(random().below(std::min(others.count(), Turn::alternatives_max - 1))));
}

void StarveChooser::end(uint64_t steps) {
    steps_max_ = std::max(steps_max_, std::min(steps, steps_learned_max));
}

}  // namespace weave
