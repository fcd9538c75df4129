// The operations that race are those of one object of which one at least changes it.
#include "run/choosers/pos.h"

#include <algorithm>

namespace weave {

bool PosChooser::begin() {
    RandomChooser::begin();
    counts_reads_ = execution() % 8 != 1;
    std::fill_n(priorities_, size_t{64} * thread_words, 0);
    return true;
}

unsigned PosChooser::choose_thread(const Turn& turn) {
    unsigned best = turn.current;
    uint32_t highest = 0;
    turn.for_each([&](unsigned thread) {
        uint32_t& priority = priorities_[thread];
        if (priority == 0) {
            priority = 1 + random().below(1u << 31);
        }
        if (priority > highest) {
            best = thread;
            highest = priority;
        }
    });
    const Operation& next = turn.pending[best];
    priorities_[best] = 0;
    turn.for_each([&](unsigned thread) {
        const Operation& pending = turn.pending[thread];
        const bool is_of_same = counts_reads_ && pending.object == next.object;
        if (race(next, pending) || (is_of_same && next.object != 0)) {
            priorities_[thread] = 0;
        }
    });
    return turn.index_of(best);
}

}  // namespace weave
